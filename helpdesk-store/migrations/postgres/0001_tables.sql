-- The tables of the helpdesk, in a schema of their own: names here have none, because the migration runs with the search
-- path set to it.
--
-- Times are microseconds since 1970 in UTC, bodies JSON as text, so that they come back byte by byte (jsonb can hold no
-- zero character); a column beside a body holds what is searched or counted by. Lanes are bytes for the same reason, and
-- compare the same under every collation. Every key is led by the workspace. There are no foreign keys: a commit is judged
-- before it is written.

-- oldest: a program that knows tables of this version, or of a later one, may use these.
CREATE TABLE meta (
    incarnation uuid   NOT NULL DEFAULT gen_random_uuid(),
    oldest      bigint NOT NULL
);
INSERT INTO meta (oldest) VALUES (1);

-- Of leases: never given out twice.
CREATE SEQUENCE lease_tokens;

-- The last numbers drawn in a workspace, and how often records of it were written. Who holds this row's lock is the only one
-- that changes anything that has a version; it is taken last and held to the commit.
CREATE TABLE counters (
    workspace uuid   NOT NULL PRIMARY KEY,
    ticket    bigint NOT NULL,
    change    bigint NOT NULL,
    records   bigint NOT NULL
) WITH (fillfactor = 20);

-- Commit ids, kept for a day. Without a result: settled as refused.
CREATE TABLE commits (
    workspace uuid   NOT NULL,
    id        uuid   NOT NULL,
    at        bigint NOT NULL,
    result    bytea,
    PRIMARY KEY (workspace, id)
);

-- Names that at most one owner holds. name: the first 16 bytes of its SHA-256.
CREATE TABLE names (
    workspace  uuid  NOT NULL,
    name       uuid  NOT NULL,
    owner      bytea NOT NULL,
    expires_at bigint,
    PRIMARY KEY (workspace, name)
);

-- seq: that of the last entry. status: 0 open, 1 pending, 2 resolved. assignee: 0 assistant, 1 nobody, 2 operator.
-- period: the 4.2 seconds (2^22 microseconds) in which it was active last. Indexes hold this and no time, so that what follows
-- within a period changes the row and none of its index entries; within one, a page is sorted as it is read.
CREATE TABLE conversations (
    workspace        uuid    NOT NULL,
    id               uuid    NOT NULL,
    version          bigint  NOT NULL,
    seq              bigint  NOT NULL,
    contact          uuid    NOT NULL,
    assistant        uuid    NOT NULL,
    ticket           uuid,
    status           bigint  NOT NULL,
    assignee         bigint  NOT NULL,
    operator         uuid,
    responsible      uuid,
    waiting          boolean NOT NULL,
    unassigned       boolean NOT NULL,
    flagged          boolean NOT NULL,
    unread           boolean NOT NULL,
    last_activity_at bigint  NOT NULL,
    body             text    NOT NULL,
    period           bigint  NOT NULL GENERATED ALWAYS AS (last_activity_at >> 22) STORED
);
CREATE INDEX conversations_by_contact ON conversations (workspace, contact, period);
-- One index a view; each holds only what the view shows.
CREATE INDEX conversations_all ON conversations (workspace, period);
CREATE INDEX conversations_answered ON conversations (workspace, operator, period)
    WHERE operator IS NOT NULL AND status <> 2;
CREATE INDEX conversations_responsible ON conversations (workspace, responsible, period)
    WHERE responsible IS NOT NULL AND status <> 2;
CREATE INDEX conversations_unassigned ON conversations (workspace, period) WHERE unassigned;
CREATE INDEX conversations_waiting ON conversations (workspace, period) WHERE waiting;
CREATE INDEX conversations_claimed ON conversations (workspace, period)
    WHERE operator IS NOT NULL AND status <> 2;
CREATE INDEX conversations_pending ON conversations (workspace, period) WHERE status = 1;
CREATE INDEX conversations_resolved ON conversations (workspace, period) WHERE status = 2;
-- Comes last: as long as a table seems small, the planner takes the newest of the indexes that hold all columns asked for.
ALTER TABLE conversations ADD PRIMARY KEY (workspace, id);

-- How many conversations there are of each sort that a view tells apart. Nobody is the nil id, which is no operator's.
CREATE TABLE counts (
    workspace     uuid    NOT NULL,
    status        bigint  NOT NULL,
    assignee      bigint  NOT NULL,
    operator      uuid    NOT NULL,
    responsible   uuid    NOT NULL,
    waiting       boolean NOT NULL,
    unassigned    boolean NOT NULL,
    conversations bigint  NOT NULL,
    PRIMARY KEY (workspace, status, assignee, operator, responsible, waiting, unassigned)
) WITH (fillfactor = 50);

-- sender: 0 not a message, 1 a message of the contact, 2 a message of somebody else. public: whether contacts see it.
-- rev: at which version it was written, which never falls from one entry to the next; revised: at which it was changed last,
-- if it was. Most never are, so what changed after a version is found along the primary key, and only the rest by an index.
CREATE TABLE entries (
    workspace    uuid    NOT NULL,
    conversation uuid    NOT NULL,
    seq          bigint  NOT NULL,
    rev          bigint  NOT NULL,
    public       boolean NOT NULL,
    sender       bigint  NOT NULL,
    body         text    NOT NULL,
    revised      bigint
);
CREATE INDEX entries_revised ON entries (workspace, conversation, revised, seq) WHERE revised IS NOT NULL;
ALTER TABLE entries ADD PRIMARY KEY (workspace, conversation, seq);

-- The number in the body counts for nothing; that of the column does.
CREATE TABLE tickets (
    workspace uuid   NOT NULL,
    id        uuid   NOT NULL,
    number    bigint NOT NULL,
    version   bigint NOT NULL,
    body      text   NOT NULL,
    PRIMARY KEY (workspace, id)
);
CREATE UNIQUE INDEX tickets_by_number ON tickets (workspace, number);

CREATE TABLE contacts (
    workspace uuid   NOT NULL,
    id        uuid   NOT NULL,
    version   bigint NOT NULL,
    body      text   NOT NULL,
    PRIMARY KEY (workspace, id)
);

CREATE TABLE records (
    workspace uuid   NOT NULL,
    kind      text   NOT NULL COLLATE "C",
    id        uuid   NOT NULL,
    version   bigint NOT NULL,
    body      text   NOT NULL,
    PRIMARY KEY (workspace, kind, id)
);

CREATE TABLE reads (
    workspace    uuid   NOT NULL,
    operator     uuid   NOT NULL,
    conversation uuid   NOT NULL,
    seq          bigint NOT NULL,
    PRIMARY KEY (workspace, operator, conversation)
);

CREATE TABLE audit (
    workspace uuid NOT NULL,
    id        uuid NOT NULL,
    body      text NOT NULL,
    PRIMARY KEY (workspace, id)
);

-- Changes of one kind with numbers that follow each other, up to the last: as many as a batch made. What is long is kept
-- beside the row as it is, since ids cannot be compressed.
CREATE TABLE changes (
    workspace uuid     NOT NULL,
    last      bigint   NOT NULL,
    kind      text     NOT NULL COLLATE "C",
    ids       uuid[]   NOT NULL,
    versions  bigint[] NOT NULL,
    PRIMARY KEY (workspace, last)
);
ALTER TABLE changes ALTER COLUMN ids SET STORAGE EXTERNAL, ALTER COLUMN versions SET STORAGE EXTERNAL;

-- A lane is here while it has jobs, numbered from head to last without a gap; its lock is taken before its jobs are
-- touched. The first job lies in the lane's own row (id to pushed_at), since few lanes have a second. free_at: when it may be
-- leased, which is when it is due or when its lease is over. token and until are its newest lease; null where there is none.
CREATE TABLE lanes (
    workspace uuid   NOT NULL,
    lane      bytea  NOT NULL,
    head      bigint NOT NULL,
    last      bigint NOT NULL,
    free_at   bigint NOT NULL,
    id        uuid   NOT NULL,
    work      text   NOT NULL,
    attempt   bigint NOT NULL DEFAULT 0,
    pushed_at bigint NOT NULL,
    token     bigint,
    until     bigint,
    PRIMARY KEY (workspace, lane)
) WITH (fillfactor = 50);
CREATE INDEX lanes_by_free_at ON lanes (free_at);

-- The jobs of a lane behind the first, which were never leased.
CREATE TABLE jobs (
    workspace uuid   NOT NULL,
    lane      bytea  NOT NULL,
    number    bigint NOT NULL,
    id        uuid   NOT NULL,
    work      text   NOT NULL,
    pushed_at bigint NOT NULL,
    due_at    bigint NOT NULL,
    PRIMARY KEY (workspace, lane, number)
);
