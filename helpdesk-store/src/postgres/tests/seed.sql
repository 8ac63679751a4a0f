-- A helpdesk of three years: one large workspace and many small ones, made by arithmetic.
CREATE FUNCTION pg_temp.id(kind text, number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$ SELECT md5(kind || number)::uuid $$;
CREATE FUNCTION pg_temp.workspace(number bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
    $$ SELECT pg_temp.id('workspace', CASE WHEN number % 10 < 8 THEN 0 ELSE number % 500 END) $$;

INSERT INTO conversations
SELECT pg_temp.workspace(n), pg_temp.id('conversation', n), 3, 5, pg_temp.id('contact', n / 2), pg_temp.id('assistant', n % 5),
       CASE WHEN n % 4 = 0 THEN pg_temp.id('ticket', n) END, status, assignee,
       CASE WHEN assignee = 2 THEN pg_temp.id('operator', n % 40) END, CASE WHEN n % 8 = 0 THEN pg_temp.id('operator', n % 40) END,
       status <> 2 AND n % 50 = 0, status <> 2 AND n % 60 = 0, n % 97 = 0, n % 20 = 0, 1700000000000000 + n::bigint * 900000, repeat('x', 600)
FROM (SELECT n, CASE WHEN n % 20 = 0 THEN 1 WHEN n % 20 < 4 THEN 0 ELSE 2 END AS status, n % 3 AS assignee FROM generate_series(1, 100000) AS n) AS made;
INSERT INTO entries (workspace, conversation, seq, rev, public, sender, body, revised)
SELECT pg_temp.workspace(n), pg_temp.id('conversation', n), seq, seq + 1, TRUE, 1 + seq % 2, repeat('y', 100), CASE WHEN seq % 2 = 0 THEN seq + 2 END
FROM generate_series(1, 60000) AS n, generate_series(1, 5) AS seq;
INSERT INTO tickets SELECT pg_temp.workspace(n), pg_temp.id('ticket', n), n, 1, repeat('z', 200) FROM generate_series(4, 100000, 4) AS n;
INSERT INTO contacts SELECT pg_temp.workspace(n), pg_temp.id('contact', n), 1, repeat('c', 200) FROM generate_series(1, 50000) AS n;
INSERT INTO records SELECT pg_temp.workspace(n), 'operator', pg_temp.id('operator', n), 1, '{}' FROM generate_series(1, 5000) AS n;
INSERT INTO names SELECT pg_temp.workspace(n), pg_temp.id('client', n), '\x00', CASE WHEN n % 5 > 0 THEN 1700000000000000 + n END
FROM generate_series(1, 60000) AS n;
INSERT INTO commits SELECT pg_temp.workspace(n), pg_temp.id('commit', n), 1700000000000000 + n, '\x00' FROM generate_series(1, 60000) AS n;
INSERT INTO lanes
SELECT pg_temp.workspace(n), convert_to('turn:' || n, 'UTF8'), 1, 2, 1700000000000000 + n, pg_temp.id('first job', n), '{}', 0, 1
FROM generate_series(1, 20000) AS n;
INSERT INTO jobs
SELECT pg_temp.workspace(n), convert_to('turn:' || n, 'UTF8'), 2, pg_temp.id('job', n), '{}', 1, 1 FROM generate_series(1, 20000) AS n;
INSERT INTO changes
SELECT pg_temp.workspace(n), n, 'conversation', ARRAY[pg_temp.id('conversation', n)], ARRAY[1] FROM generate_series(1, 100000) AS n;
INSERT INTO counters SELECT pg_temp.workspace(n), 1, 1, 1 FROM generate_series(1, 5000) AS n ON CONFLICT DO NOTHING;
INSERT INTO counts SELECT pg_temp.id('workspace', n / 100), n % 3, n % 2, pg_temp.id('operator', n), pg_temp.id('operator', n), FALSE, FALSE, n
FROM generate_series(1, 20000) AS n;
INSERT INTO audit SELECT pg_temp.workspace(n), pg_temp.id('audit', n), '{}' FROM generate_series(1, 20000) AS n;
INSERT INTO reads SELECT pg_temp.workspace(n), pg_temp.id('operator', n % 40), pg_temp.id('conversation', n), 1 FROM generate_series(1, 50000) AS n;
