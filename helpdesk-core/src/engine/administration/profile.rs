//! What operators change of themselves.

use serde_json::json;

use super::{Change, difference};
use crate::engine::OperatorHandle;
use crate::error::{Error, Refusal};
use crate::model::text;
use crate::model::{Availability, Operator, RecordBody, RecordKey, RecordKind};

impl OperatorHandle {
    /// Changes one's own name or availability.
    ///
    /// # Errors
    /// [`Refusal::Invalid`] naming the field.
    pub async fn update_me(&self, name: Option<&str>, availability: Option<Availability>) -> Result<Operator, Error> {
        let name = name.map(|name| text::line("name", name)).transpose()?;
        for _ in 0..8 {
            let me = self.me().await?;
            let (version, _) = self.load(RecordKey::new(RecordKind::Operator, me.id.as_uuid())).await?;
            let changed = Operator {
                name: name.clone().unwrap_or_else(|| me.name.clone()),
                availability: availability.unwrap_or(me.availability),
                ..me.clone()
            };
            let detail = difference(&json!(me), &json!(changed));
            match self.put(&me, version, RecordBody::Operator(changed.clone()), Change::new("operator.updated", detail)).await {
                Err(Error::Refused(Refusal::VersionConflict { .. })) => {}
                other => return other.map(|_| changed),
            }
        }
        Err(Error::Busy)
    }
}
