//! For tests, ours and those of programs that embed the helpdesk: time and ids under control, samples of everything,
//! fakes that do what they are told, and the conformance kits that hold an implementation to its trait's contract.
//!
//! Behind the feature `testing`. Nothing here is meant for production: what goes wrong panics.

mod bus;
pub mod bus_kit;
mod clock;
mod counting;
pub(crate) mod dice;
mod faulty_bus;
mod gate;
mod ids;
mod responder;
pub mod samples;
pub mod store_kit;

#[cfg(test)]
mod broken;

pub use bus::{Published, RecordingBus};
pub use clock::ManualClock;
pub use counting::CountingStore;
pub use faulty_bus::FaultyBus;
pub use gate::Gate;
pub use ids::SequentialIds;
pub use responder::{Ending, Script, ScriptedResponder};
