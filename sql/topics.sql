-- Topics: which passages of a text are about the same things?
--
-- Passages of three books, as the program gets them: without saying which book. Any embedding will do, such as
-- the BLOBs that sqlite-vec stores; this one is made in SQL. A passage is described by the words that it shares
-- with each other passage, those that few passages have counting for more: one number for each passage.
.headers on
.mode column
CREATE TABLE passage(id INTEGER PRIMARY KEY, book TEXT, text TEXT);

-- Herman Melville, Moby-Dick (1851); Adam Smith, The Wealth of Nations (1776); Charles Darwin, On the Origin of
-- Species (1859).
INSERT INTO passage(book, text) VALUES
  ('Melville', 'Some years ago, never mind how long precisely, having little or no money in my purse, and nothing
   particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.'),
  ('Smith', 'The greatest improvement in the productive powers of labour, and the greater part of the skill, dexterity,
   and judgment, with which it is anywhere directed, or applied, seem to have been the effects of the division of
   labour.'),
  ('Darwin', 'As many more individuals of each species are born than can possibly survive; and as, consequently, there
   is a frequently recurring struggle for existence, it follows that any being, if it vary however slightly in any
   manner profitable to itself, under the complex and sometimes varying conditions of life, will have a better chance
   of surviving, and thus be naturally selected.'),
  ('Melville', 'Chief among these motives was the overwhelming idea of the great whale himself. Such a portentous and
   mysterious monster roused all my curiosity. Then the wild and distant seas where he rolled his island bulk; the
   undeliverable, nameless perils of the whale.'),
  ('Smith', 'Labour was the first price, the original purchase money that was paid for all things. It was not by gold or
   by silver, but by labour, that all the wealth of the world was originally purchased.'),
  ('Darwin', 'This preservation of favourable variations and the rejection of injurious variations, I call Natural
   Selection.'),
  ('Melville', 'By reason of these things, then, the whaling voyage was welcome; the great flood-gates of the
   wonder-world swung open, and in the wild conceits that swayed me to my purpose, two and two there floated into my
   inmost soul, endless processions of the whale, and, mid most of them all, one grand hooded phantom, like a snow hill
   in the air.'),
  ('Smith', 'The market price of every particular commodity is regulated by the proportion between the quantity which is
   actually brought to market, and the demand of those who are willing to pay the natural price of the commodity, or the
   whole value of the rent, labour, and profit, which must be paid in order to bring it thither.'),
  ('Darwin', 'I have called this principle, by which each slight variation, if useful, is preserved, by the term of
   Natural Selection, in order to mark its relation to man''s power of selection.'),
  ('Melville', 'Now, when I say that I am in the habit of going to sea whenever I begin to grow hazy about the eyes, and
   begin to be over conscious of my lungs, I do not mean to have it inferred that I ever go to sea as a passenger.'),
  ('Smith', 'The whole annual produce of the land and labour of every country naturally divides itself into three parts;
   the rent of land, the wages of labour, and the profits of stock.'),
  ('Darwin', 'It may be said that natural selection is daily and hourly scrutinising, throughout the world, every
   variation, even the slightest; rejecting that which is bad, preserving and adding up all that is good.'),
  ('Melville', 'Towards thee I roll, thou all-destroying but unconquering whale; to the last I grapple with thee.'),
  ('Smith', 'As it is the power of exchanging that gives occasion to the division of labour, so the extent of this
   division must always be limited by the extent of that power, or, in other words, by the extent of the market.'),
  ('Darwin', 'Certainly no clear line of demarcation has as yet been drawn between species and sub-species, or, again,
   between sub-species and well-marked varieties, or between lesser varieties and individual differences.'),
  ('Melville', 'Now small fowls flew screaming over the yet yawning gulf; a sullen white surf beat against its steep
   sides; then all collapsed, and the great shroud of the sea rolled on as it rolled five thousand years ago.'),
  ('Smith', 'Labour, therefore, is the real measure of the exchangeable value of all commodities. The real price of
   every thing, what every thing really costs to the man who wants to acquire it, is the toil and trouble of acquiring
   it.'),
  ('Darwin', 'Natural selection can act only by taking advantage of slight successive variations; she can never take a
   leap, but must advance by the shortest and slowest steps.');

-- The words of three letters or more, told apart by their first five: whale and whales are one word.
CREATE TABLE word AS
WITH plain(id, text) AS (
  SELECT id, replace(replace(replace(replace(replace(replace(lower(text), char(10), ' '), ',', ' '), ';', ' '), '.', ' '),
    '-', ' '), '''', ' ') FROM passage
)
SELECT plain.id, substr(value, 1, 5) AS stem, value AS word
FROM plain, json_each('["' || replace(text, ' ', '","') || '"]')
WHERE length(value) > 2
  AND value NOT IN ('all', 'and', 'any', 'are', 'but', 'can', 'for', 'had', 'has', 'him', 'his', 'how', 'its', 'man', 'may',
    'not', 'now', 'one', 'say', 'see', 'she', 'the', 'two', 'was', 'who', 'that', 'this', 'these', 'those', 'which', 'what', 'with', 'have', 'been', 'being', 'then', 'there',
    'they', 'them', 'will', 'must', 'such', 'than', 'from', 'into', 'over', 'under', 'about', 'every', 'each', 'never',
    'many', 'more', 'most', 'only', 'again', 'thus', 'where', 'when', 'whole', 'part', 'parts', 'between', 'itself');

CREATE TABLE vector AS
WITH
  common AS (SELECT stem, count(DISTINCT id) AS passages FROM word GROUP BY stem),
  shared AS (
    SELECT a.id, b.id AS other, sum(1.0 / (passages * passages)) AS weight
    FROM word a JOIN word b USING (stem) JOIN common USING (stem) WHERE passages > 1 GROUP BY a.id, b.id
  ),
  long AS (
    SELECT p.id, json_group_array(ifnull(weight, 0)) AS embedding, json_group_array(0) AS zero
    FROM passage p CROSS JOIN passage o LEFT JOIN shared s ON s.id = p.id AND s.other = o.id GROUP BY p.id
  )
-- All of length 1, so that long passages are as short ones: the length is the distance from zero.
SELECT long.id, (SELECT json_group_array(value / length) FROM json_each(embedding)) AS embedding
FROM (SELECT id, embedding, kmeans_distance('{"centroids": [' || zero || ']}', embedding) AS length FROM long) AS long;

CREATE TABLE topic AS
SELECT id, cluster AS topic, distance FROM kmeans('{"k": 4, "n_init": 10}', 'SELECT id, embedding FROM vector');

.print The topics, by the words that stand in their passages and hardly in others:
.print
SELECT topic, (SELECT count(*) FROM topic t WHERE t.topic = topics.topic) AS passages, group_concat(word, ' ') AS words
FROM (
  SELECT topic, min(word) AS word,
         row_number() OVER (PARTITION BY topic ORDER BY
           count(DISTINCT id) - (SELECT count(DISTINCT o.id) FROM word o WHERE o.stem = w.stem) / 2.0 DESC, stem) AS place
  FROM topic JOIN word w USING (id) GROUP BY topic, stem
) AS topics
WHERE place <= 6 GROUP BY topic;

.print
.print Are they the books? Nearly: Darwin writes about two things, species and their selection.
.print
SELECT book,
       count(*) FILTER (WHERE topic = 0) AS "topic 0", count(*) FILTER (WHERE topic = 1) AS "topic 1",
       count(*) FILTER (WHERE topic = 2) AS "topic 2", count(*) FILTER (WHERE topic = 3) AS "topic 3"
FROM passage JOIN topic USING (id) GROUP BY book;

.print
.print The passage that is most typical of each topic:
.print
.mode list
SELECT topic || ': ' || replace(replace(text, char(10), ''), '  ', '') AS "topic: passage"
FROM (
  SELECT topic, text, row_number() OVER (PARTITION BY topic ORDER BY round(distance, 6), id) AS place
  FROM topic JOIN passage USING (id)
)
WHERE place = 1 ORDER BY topic;
