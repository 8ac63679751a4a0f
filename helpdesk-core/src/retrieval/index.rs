//! The index over a workspace's help articles.
//!
//! # Ranking
//! Okapi BM25 (S. Robertson and H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009) over passages, where a term
//! in the title or heading counts as several in the text (the weighted fields of their section 3.6), divided by what the question's
//! rarest terms are worth, so that scores of different questions and workspaces can be compared:
//!
//! ```text
//! idf(t)   = ln(1 + (N - n(t) + 0.5) / (n(t) + 0.5))
//! score(p) = f(p) * sum over t of idf(t) * tf(t,p) * (k1 + 1) / (tf(t,p) + k1 * (1 - b + b * |p| / avg|p|))
//!                 / sum of the six largest idf(t)
//! ```
//!
//! A score of 1 says: a passage of ordinary length that has each word once. `f` prefers the contact's language.

use std::collections::HashMap;
use std::fmt;

use super::passages;
use super::stemming::{Stemming, base_language};
use super::words::{question_terms, terms};
use crate::ai::Passage;
use crate::model::{Article, Citation};

const K1: f64 = 1.2;
const B: f64 = 0.75;
/// How many occurrences in the text one in the title is worth.
const TITLE_WEIGHT: f64 = 2.5;
const HEADING_WEIGHT: f64 = 2.0;
/// A long question is judged by its rarest terms: the rest is how people talk.
const JUDGED_TERMS: usize = 6;
/// More terms of a question are not looked at.
const QUESTION_TERMS: usize = 48;
/// Nor is text beyond this, in bytes. The end of a message is where the question is, as a rule.
const QUESTION_LIMIT: usize = 4_000;
const SAME_LANGUAGE: f64 = 1.2;
const OTHER_LANGUAGE: f64 = 0.8;

/// An index over help articles, in memory. Immutable: made anew when an article changed, and shared behind an `Arc`.
///
/// # Examples
/// ```
/// use helpdesk_core::model::Article;
/// use helpdesk_core::retrieval::ArticleIndex;
/// # let at = helpdesk_core::clock::Timestamp::UNIX_EPOCH;
/// # let id = helpdesk_core::id::ArticleId::from_uuid(uuid::Uuid::nil());
/// let article = Article {
///     id,
///     title: "Returns".into(),
///     body: "Send it back within 30 days.".into(),
///     url: None,
///     language: Some("en".into()),
///     updated_at: at,
/// };
/// let index = ArticleIndex::new([&article]);
/// assert_eq!(index.search("How do I return something?", Some("en"), 3)[0].citation.title, "Returns");
/// assert!(index.search("Hello!", Some("en"), 3).is_empty());
/// ```
pub struct ArticleIndex {
    documents: Vec<Document>,
    parts: Vec<IndexedPart>,
    postings: HashMap<String, Vec<Posting>>,
    average_length: f64,
}

struct Document {
    citation: Citation,
    language: Option<String>,
    stemming: Stemming,
}

struct IndexedPart {
    document: usize,
    text: String,
    length: f64,
}

struct Posting {
    part: usize,
    /// How often the term occurs, weighted by where.
    frequency: f64,
}

impl ArticleIndex {
    /// Indexes these articles.
    #[must_use]
    pub fn new<'a>(articles: impl IntoIterator<Item = &'a Article>) -> Self {
        let mut index = Self { documents: Vec::new(), parts: Vec::new(), postings: HashMap::new(), average_length: 1.0 };
        for article in articles {
            index.add(article);
        }
        let total: f64 = index.parts.iter().map(|part| part.length).sum();
        index.average_length = (total / index.parts.len().max(1) as f64).max(1.0);
        index
    }

    /// How many passages it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// The passages that fit the question best, best first, at most `limit`. Empty if no telling word of it occurs anywhere.
    ///
    /// `language` is the contact's language tag: articles in it are preferred, the others still found. A score of 1 is a passage of
    /// ordinary length in which each word of the question occurs once.
    #[must_use]
    pub fn search(&self, question: &str, language: Option<&str>, limit: usize) -> Vec<Passage> {
        let question = &question[question.ceil_char_boundary(question.len().saturating_sub(QUESTION_LIMIT))..];
        let mut scores: HashMap<usize, f64> = HashMap::new();
        for stemming in Stemming::ALL {
            if self.documents.iter().any(|document| document.stemming == stemming) {
                self.score(&question_terms(question, stemming, QUESTION_TERMS), stemming, &mut scores);
            }
        }
        let mut found: Vec<(usize, f64)> =
            scores.into_iter().map(|(part, score)| (part, score * self.language_factor(part, language))).collect();
        // Equal scores in the order of the articles, so that the same question gets the same answer.
        found.sort_by(|(part, score), (other_part, other)| other.total_cmp(score).then(part.cmp(other_part)));
        found.truncate(limit);
        found.into_iter().map(|(part, score)| self.passage(part, score)).collect()
    }

    fn add(&mut self, article: &Article) {
        let stemming = Stemming::of(article.language.as_deref());
        let document = self.documents.len();
        let title = terms(&article.title, stemming);
        for part in passages::cut(&article.body) {
            let heading = terms(&part.heading, stemming);
            let body = terms(&part.text, stemming);
            let length = (title.len() + heading.len() + body.len()) as f64;
            let mut frequencies: HashMap<String, f64> = HashMap::new();
            for (field, weight) in [(title.clone(), TITLE_WEIGHT), (heading, HEADING_WEIGHT), (body, 1.0)] {
                for term in field {
                    *frequencies.entry(term).or_default() += weight;
                }
            }
            for (term, frequency) in frequencies {
                self.postings.entry(term).or_default().push(Posting { part: self.parts.len(), frequency });
            }
            self.parts.push(IndexedPart { document, text: part.text, length });
        }
        self.documents.push(Document {
            citation: Citation { title: article.title.clone(), url: article.url.clone() },
            language: article.language.clone(),
            stemming,
        });
    }

    /// Adds the scores of the passages whose language has these rules.
    fn score(&self, question: &[String], stemming: Stemming, scores: &mut HashMap<usize, f64>) {
        let mut worth: Vec<f64> = question.iter().map(|term| self.rarity(term)).collect();
        worth.sort_by(|a, b| b.total_cmp(a));
        let best: f64 = worth.iter().take(JUDGED_TERMS).sum();
        for term in question {
            let rarity = self.rarity(term);
            for posting in self.postings.get(term).into_iter().flatten() {
                let part = &self.parts[posting.part];
                if self.documents[part.document].stemming != stemming {
                    continue;
                }
                let saturation = K1 * (1.0 - B + B * part.length / self.average_length);
                *scores.entry(posting.part).or_default() +=
                    rarity * posting.frequency * (K1 + 1.0) / (posting.frequency + saturation) / best;
            }
        }
    }

    fn rarity(&self, term: &str) -> f64 {
        let all = self.parts.len() as f64;
        let with = self.postings.get(term).map_or(0, Vec::len) as f64;
        ((all - with + 0.5) / (with + 0.5)).ln_1p()
    }

    fn language_factor(&self, part: usize, wanted: Option<&str>) -> f64 {
        match (wanted, &self.documents[self.parts[part].document].language) {
            (Some(wanted), Some(language)) if base_language(wanted).eq_ignore_ascii_case(base_language(language)) => SAME_LANGUAGE,
            (Some(_), Some(_)) => OTHER_LANGUAGE,
            _ => 1.0,
        }
    }

    fn passage(&self, part: usize, score: f64) -> Passage {
        let part = &self.parts[part];
        Passage { citation: self.documents[part.document].citation.clone(), text: part.text.clone(), score }
    }
}

impl fmt::Debug for ArticleIndex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArticleIndex({} articles, {} passages)", self.documents.len(), self.parts.len())
    }
}

#[cfg(test)]
mod tests;
