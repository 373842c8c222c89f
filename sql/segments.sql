-- Customer segments: which kinds of customers has a shop, and whom should it write to?
--
-- From the orders, three numbers for each customer: how many days ago was the last order (recency), how
-- many were there (frequency), what did they come to (monetary). Days and euros are different things, so
-- each number is measured in standard deviations before distances are taken: that is the option scale.
.headers on
.mode column
CREATE TABLE orders(customer INTEGER, day TEXT, amount REAL);

-- Two years of an invented shop: regulars, regulars who stopped coming, big spenders, and the many who came
-- once or twice.
INSERT INTO orders
WITH RECURSIVE
  customer(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM customer WHERE id < 240),
  habit(id, first, last, every, amount) AS (
    SELECT id,
           id * 37 % 90,
           CASE WHEN id % 8 < 2 THEN 725 WHEN id % 8 = 2 THEN 440 + id * 11 % 60
                WHEN id % 24 = 3 THEN 715 ELSE id * 53 % 700 + 30 END,
           CASE WHEN id % 8 < 3 THEN 18 + id * 7 % 9 WHEN id % 24 = 3 THEN 45 ELSE 400 END,
           CASE WHEN id % 24 = 3 THEN 400 + id * 13 % 90 ELSE 25 + id * 17 % 30 END
    FROM customer
  ),
  buy(id, day, last, every, amount, n) AS (
    SELECT id, iif(every = 400, last, first), last, every, amount, 0 FROM habit
    UNION ALL
    SELECT id, day + every + (id * 31 + n * 17) % 11 - 5, last, every, amount, n + 1 FROM buy
    WHERE day + every <= last
  )
SELECT id, date('2023-01-01', day || ' days'), amount + (id * 29 + n * 41) % 20 FROM buy;

CREATE VIEW customers AS
SELECT customer AS id, CAST(julianday('2025-01-01') - julianday(max(day)) AS INTEGER) AS recency,
       count(*) AS frequency, sum(amount) AS monetary
FROM orders GROUP BY customer;

CREATE TABLE segment AS
SELECT id, cluster, distance FROM kmeans('{"k": 5, "scale": "standard"}', 'SELECT * FROM customers');

.print The segments: how many customers are in each, what they are like on average, and which part of the
.print revenue is theirs:
.print
SELECT cluster AS segment, count(*) AS customers, round(avg(recency)) AS "days ago",
       round(avg(frequency), 1) AS orders, round(avg(monetary)) AS spent,
       format('%4.1f %%', 100.0 * sum(monetary) / (SELECT sum(monetary) FROM customers)) AS revenue
FROM customers JOIN segment USING (id) GROUP BY cluster;

.print
.print What sets each apart (z: standard deviations above or below the average customer):
.print
SELECT cluster AS segment, group_concat(feature || ' ' || format('%+.1f', z), ', ') AS profile
FROM kmeans_profile('{"k": 5, "scale": "standard"}', 'SELECT * FROM customers') WHERE abs(z) > 0.5 GROUP BY cluster;

.print
.print Whom to write to: good customers who have not come for long. The segment whose customers order often
.print enough and were last here long ago; its best five:
.print
SELECT id, recency AS "days ago", frequency AS orders, round(monetary) AS spent
FROM customers JOIN segment USING (id)
WHERE cluster = (
  SELECT cluster FROM customers JOIN segment USING (id)
  GROUP BY cluster HAVING avg(frequency) > 10 ORDER BY avg(recency) DESC LIMIT 1
)
ORDER BY monetary DESC LIMIT 5;
