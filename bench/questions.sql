-- questions.sql: what is asked in check_row and others: user, permission and
-- tenant vary, half of the rows ask about a tenant where the user has something.

SELECT setseed(0.5);
CREATE UNLOGGED TABLE question AS
SELECT 'user-' || u AS u, (ARRAY(SELECT name FROM permission ORDER BY name))[n] AS p,
       'tenant-' || CASE WHEN own THEN (u * 7 + k * 13) % 1000 ELSE t END AS t
FROM (SELECT floor(random() * 10000)::integer AS u, 1 + floor(random() * 20)::integer AS n,
             floor(random() * 5)::integer AS k, floor(random() * 1000)::integer AS t, random() < 0.5 AS own
      FROM generate_series(1, :rows)) AS drawn;
CREATE UNLOGGED TABLE question_few AS SELECT * FROM question LIMIT :rows / 20;
VACUUM ANALYZE question;
VACUUM ANALYZE question_few;
