//! Finding the help article that answers a question, with no model and no service: an index in memory over the
//! workspace's articles ([`ArticleIndex`]), and the keyless assistant that answers from it ([`RetrievalResponder`]).
//!
//! Pure and synchronous but for the responder's stream. It knows articles and words; not where articles are kept.

mod excerpt;
mod function_words;
mod index;
mod passages;
mod responder;
mod stemming;
mod words;

pub use index::ArticleIndex;
pub use responder::RetrievalResponder;
