//! The rules, told as stories, and their invariants.
