//! What only the memory store promises. What all stores promise is in the conformance kit.
