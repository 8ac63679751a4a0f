-- The tables of the helpdesk.
--
-- Times are microseconds since 1970 in UTC, ids the 16 bytes of a UUID, bodies JSON; a column beside a body holds what is
-- searched or counted by. Every key is led by the workspace. There are no foreign keys: a commit is judged before it is
-- written. What has a body is a table with row ids, so that rows of one transaction lie side by side however far apart
-- their ids are, and only the small keys are spread.

CREATE TABLE helpdesk_meta (
    name  TEXT NOT NULL PRIMARY KEY,
    value ANY  NOT NULL
) STRICT, WITHOUT ROWID;

-- Tells this file from one made anew: cursors of another incarnation are worth nothing.
INSERT INTO helpdesk_meta (name, value) VALUES ('incarnation', randomblob(16));
-- No lease token above this was ever given out.
INSERT INTO helpdesk_meta (name, value) VALUES ('lease_tokens', 0);

-- The last numbers drawn in a workspace.
CREATE TABLE helpdesk_counters (
    workspace BLOB    NOT NULL PRIMARY KEY,
    ticket    INTEGER NOT NULL,
    change    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Commit ids, kept for a day. Without a result: settled as refused.
CREATE TABLE helpdesk_commits (
    number    INTEGER PRIMARY KEY,
    workspace BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    at        INTEGER NOT NULL,
    result    BLOB
) STRICT;
CREATE UNIQUE INDEX helpdesk_commits_by_id ON helpdesk_commits (workspace, id);

-- Names that at most one owner holds.
CREATE TABLE helpdesk_names (
    number     INTEGER PRIMARY KEY,
    workspace  BLOB    NOT NULL,
    name       TEXT    NOT NULL,
    owner      BLOB    NOT NULL,
    expires_at INTEGER
) STRICT;
CREATE UNIQUE INDEX helpdesk_names_by_name ON helpdesk_names (workspace, name);
CREATE INDEX helpdesk_names_by_expiry ON helpdesk_names (expires_at) WHERE expires_at IS NOT NULL;

-- status: 0 open, 1 pending, 2 resolved. assignee: 0 assistant, 1 nobody, 2 operator.
CREATE TABLE helpdesk_conversations (
    number           INTEGER PRIMARY KEY,
    workspace        BLOB    NOT NULL,
    id               BLOB    NOT NULL,
    version          INTEGER NOT NULL,
    contact          BLOB    NOT NULL,
    assistant        BLOB    NOT NULL,
    ticket           BLOB,
    status           INTEGER NOT NULL,
    assignee         INTEGER NOT NULL,
    operator         BLOB,
    responsible      BLOB,
    waiting          INTEGER NOT NULL,
    unassigned       INTEGER NOT NULL,
    flagged          INTEGER NOT NULL,
    unread           INTEGER NOT NULL,
    last_activity_at INTEGER NOT NULL,
    body             TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX helpdesk_conversations_by_id ON helpdesk_conversations (workspace, id);
CREATE INDEX helpdesk_conversations_by_contact ON helpdesk_conversations (workspace, contact, last_activity_at, id);
-- One index a view; each holds only what the view shows.
CREATE INDEX helpdesk_conversations_all ON helpdesk_conversations (workspace, last_activity_at, id);
CREATE INDEX helpdesk_conversations_answered ON helpdesk_conversations (workspace, operator, last_activity_at, id)
    WHERE operator IS NOT NULL AND status <> 2;
CREATE INDEX helpdesk_conversations_responsible ON helpdesk_conversations (workspace, responsible, last_activity_at, id)
    WHERE responsible IS NOT NULL AND status <> 2;
CREATE INDEX helpdesk_conversations_unassigned ON helpdesk_conversations (workspace, last_activity_at, id) WHERE unassigned = 1;
CREATE INDEX helpdesk_conversations_waiting ON helpdesk_conversations (workspace, last_activity_at, id) WHERE waiting = 1;
CREATE INDEX helpdesk_conversations_claimed ON helpdesk_conversations (workspace, last_activity_at, id)
    WHERE operator IS NOT NULL AND status <> 2;
CREATE INDEX helpdesk_conversations_pending ON helpdesk_conversations (workspace, last_activity_at, id) WHERE status = 1;
CREATE INDEX helpdesk_conversations_resolved ON helpdesk_conversations (workspace, last_activity_at, id) WHERE status = 2;

-- How many conversations there are of each sort that a view tells apart. Nobody is the empty blob.
CREATE TABLE helpdesk_counts (
    workspace     BLOB    NOT NULL,
    status        INTEGER NOT NULL,
    assignee      INTEGER NOT NULL,
    operator      BLOB    NOT NULL,
    responsible   BLOB    NOT NULL,
    waiting       INTEGER NOT NULL,
    unassigned    INTEGER NOT NULL,
    conversations INTEGER NOT NULL,
    PRIMARY KEY (workspace, status, assignee, operator, responsible, waiting, unassigned)
) STRICT, WITHOUT ROWID;

-- sender: 0 not a message, 1 a message of the contact, 2 a message of somebody else. public: whether contacts see it.
CREATE TABLE helpdesk_entries (
    number       INTEGER PRIMARY KEY,
    workspace    BLOB    NOT NULL,
    conversation BLOB    NOT NULL,
    seq          INTEGER NOT NULL,
    rev          INTEGER NOT NULL,
    public       INTEGER NOT NULL,
    sender       INTEGER NOT NULL,
    body         TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX helpdesk_entries_by_seq ON helpdesk_entries (workspace, conversation, seq);
CREATE INDEX helpdesk_entries_by_rev ON helpdesk_entries (workspace, conversation, rev, seq);

CREATE TABLE helpdesk_tickets (
    number    INTEGER PRIMARY KEY,
    workspace BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    ticket    INTEGER NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX helpdesk_tickets_by_id ON helpdesk_tickets (workspace, id);
CREATE UNIQUE INDEX helpdesk_tickets_by_ticket ON helpdesk_tickets (workspace, ticket);

CREATE TABLE helpdesk_contacts (
    number    INTEGER PRIMARY KEY,
    workspace BLOB    NOT NULL,
    id        BLOB    NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX helpdesk_contacts_by_id ON helpdesk_contacts (workspace, id);

CREATE TABLE helpdesk_records (
    number    INTEGER PRIMARY KEY,
    workspace BLOB    NOT NULL,
    kind      TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    version   INTEGER NOT NULL,
    body      TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX helpdesk_records_by_id ON helpdesk_records (workspace, kind, id);

CREATE TABLE helpdesk_reads (
    workspace    BLOB    NOT NULL,
    operator     BLOB    NOT NULL,
    conversation BLOB    NOT NULL,
    seq          INTEGER NOT NULL,
    PRIMARY KEY (workspace, operator, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE helpdesk_audit (
    workspace BLOB NOT NULL,
    id        BLOB NOT NULL,
    body      TEXT NOT NULL,
    PRIMARY KEY (workspace, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE helpdesk_changes (
    workspace BLOB    NOT NULL,
    number    INTEGER NOT NULL,
    kind      TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    version   INTEGER NOT NULL,
    PRIMARY KEY (workspace, number)
) STRICT, WITHOUT ROWID;

-- Within a lane jobs run by rising number. Its first job stands for the lane: free_at is when that job may be leased, which
-- is when it is due or when its lease is over. It is null for all others. voided counts the leases that a restart ended.
CREATE TABLE helpdesk_jobs (
    number    INTEGER PRIMARY KEY,
    workspace BLOB    NOT NULL,
    lane      TEXT    NOT NULL,
    id        BLOB    NOT NULL,
    work      TEXT    NOT NULL,
    attempt   INTEGER NOT NULL DEFAULT 0,
    voided    INTEGER NOT NULL DEFAULT 0,
    pushed_at INTEGER NOT NULL,
    due_at    INTEGER NOT NULL,
    free_at   INTEGER
) STRICT;
CREATE INDEX helpdesk_jobs_by_lane ON helpdesk_jobs (workspace, lane, number);
CREATE INDEX helpdesk_jobs_by_free_at ON helpdesk_jobs (free_at) WHERE free_at IS NOT NULL;
CREATE INDEX helpdesk_jobs_leased ON helpdesk_jobs (free_at) WHERE free_at <> due_at;
