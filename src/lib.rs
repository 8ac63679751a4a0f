//! Part of the helpdesk.
