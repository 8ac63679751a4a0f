//! Topics, as clients name them.

use helpdesk_core::engine::LiveTopic;
use helpdesk_core::id::Version;
use helpdesk_core::store::ChangeCursor;

use super::frame::After;
use crate::cursor::Cursor as _;
use crate::extract::Number;
use crate::problem::Problem;

/// Reads a topic and its cursor.
pub(crate) fn parse(topic: &str, after: Option<&After>) -> Result<LiveTopic, Problem> {
    if topic == "queue" {
        return match after {
            None => Ok(LiveTopic::Queue { after: None }),
            Some(After::Cursor(cursor)) => Ok(LiveTopic::Queue { after: Some(ChangeCursor::decode("after", cursor)?) }),
            Some(After::Version(_)) => Err(Problem::invalid("after", "after: the queue's cursor is the text of its last frame")),
        };
    }
    let conversation = topic.strip_prefix("conversation:").ok_or_else(unknown)?.parse().map_err(|_| unknown())?;
    let after = match after {
        None => None,
        Some(After::Version(Number(version))) => Some(Version(*version)),
        // Over a query everything is text.
        Some(After::Cursor(text)) => {
            let version = text.parse::<u64>().ok().filter(|version| *version < 1 << 53);
            Some(Version(version.ok_or_else(|| Problem::invalid("after", "after: a conversation's cursor is a version, a whole number"))?))
        }
    };
    Ok(LiveTopic::Conversation { conversation, after })
}

fn unknown() -> Problem {
    Problem::invalid("topic", "topic: must be \"queue\" or \"conversation:{id}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_are_read_with_their_own_kind_of_cursor() {
        let topic = "conversation:00000000-0000-7000-8000-000000000001";
        let conversation = topic.strip_prefix("conversation:").unwrap().parse().unwrap();
        let after = Some(Version(41));
        let version = After::Version(Number(41));
        assert_eq!(parse(topic, Some(&version)).unwrap(), LiveTopic::Conversation { conversation, after });
        assert_eq!(parse(topic, Some(&After::Cursor("41".to_owned()))).unwrap(), LiveTopic::Conversation { conversation, after });
        assert_eq!(parse("queue", None).unwrap(), LiveTopic::Queue { after: None });
        assert!(parse("queue", Some(&version)).is_err());
        for bad in ["", "queues", "conversation:", "conversation:1", "operator:00000000-0000-7000-8000-000000000001"] {
            assert_eq!(parse(bad, None).unwrap_err().code(), "invalid", "{bad}");
        }
        assert!(parse(topic, Some(&After::Cursor("-1".to_owned()))).is_err());
    }
}
