-- Three years of work, so many requests as the setting `scale.requests` says. The keys of all rows
-- follow from the request's: request i has the stages 3i-2…3i, the tasks 4i-3…4i, the entries
-- 7i-6…7i of the journal, and the messages 8i-7…8i; its revision has its own key. The hashes of the
-- journal are made up; `signing.py` signs a part of it.

SELECT setseed(0.42);
-- The keys fit by construction; checking some million of them would take minutes.
SET session_replication_role = replica;

CREATE TEMP TABLE place AS
SELECT department.id AS department, organization.id AS organization, organization.code,
       (SELECT min(employee_id) FROM treasury_department_budget_holders
         WHERE department_id = department.id) AS holder,
       (SELECT max(employee_id) FROM treasury_department_budget_holders
         WHERE department_id = department.id) AS other_holder,
       (SELECT employee_id FROM treasury_groupmembership m
         WHERE m.organization_id = organization.id) AS manager,
       (SELECT employee_id FROM treasury_groupmembership m
         WHERE m.organization_id IS NULL) AS treasurer
  FROM treasury_department department
  JOIN treasury_organization organization ON organization.id = department.organization_id;

-- A few departments, payees and authors have most of the requests. Only the newest are running.
CREATE TEMP TABLE draw AS
SELECT i AS id,
       1 + floor(80 * power(random(), 2))::int AS department,
       1 + floor(4900 * power(random(), 2))::int AS payee,
       CASE WHEN random() < 0.1 THEN 1 ELSE 7 + floor(100 * power(random(), 2))::int END AS author,
       7 + floor(100 * random())::int AS requester,
       round(exp(6 + 8 * random())::numeric, 2) AS amount,
       random() AS fate,
       now() - (total - i) * interval '1095 days' / total AS at,
       i > total - 400 - total / 1000 AS is_new,
       1 + i % 3 AS open_stage
  FROM (SELECT current_setting('scale.requests')::int AS total) AS setting,
       generate_series(1, total) AS i;

CREATE TEMP TABLE request AS
SELECT *, CASE status WHEN 'draft' THEN 1 WHEN 'returned' THEN 5 WHEN 'declined' THEN 6
                      WHEN 'in_approval' THEN 3 + open_stage ELSE 7 END AS entries,
       md5('r' || id) || md5('s' || id) AS digest
  FROM (SELECT draw.*, place.organization, code, holder, other_holder, manager, treasurer,
               CASE WHEN is_new AND fate < 0.8 THEN 'in_approval'
                    WHEN is_new AND fate < 0.9 THEN 'draft'
                    WHEN fate < 0.001 THEN 'draft'
                    WHEN fate < 0.003 THEN 'returned'
                    WHEN fate < 0.043 THEN 'declined'
                    WHEN fate < 0.053 THEN 'cancelled'
                    ELSE 'approved' END AS status
          FROM draw JOIN place USING (department)) AS placed;
CREATE UNIQUE INDEX ON request (id);
ANALYZE request;

INSERT INTO treasury_paymentrequest (
    id, number, organization_id, department_id, cash_flow_item_id, counterparty_id,
    counterparty_account_id, amount, currency, vat_rate_id, vat_amount, purpose, invoice_number,
    invoice_date, contract, desired_date, priority, comment, author_id, requester_id, makers,
    status, stage_id, revision, snapshot_id, payment_status, journal_length, journal_hash, created_at, updated_at)
SELECT id,
       code || '-' || extract(year FROM at) || '-' || lpad((row_number() OVER (
           PARTITION BY organization, extract(year FROM at) ORDER BY id))::text, 5, '0'),
       organization, department, 1, payee, payee, amount, 'RUB', 1,
       round(amount * 22 / 122, 2),
       'Оплата по счёту ' || id || ' за товар. В т.ч. НДС 22% - ' || round(amount * 22 / 122, 2),
       'СЧ-' || id, at::date, 'Д-' || payee, at::date + 1 + (id % 14)::int,
       CASE WHEN id % 20 = 0 THEN 'high' ELSE 'normal' END, '', author, requester, '[]', status,
       CASE WHEN status = 'in_approval' THEN 3 * id - 3 + open_stage END,
       CASE WHEN status = 'draft' THEN 0 ELSE 1 END,
       CASE WHEN status NOT IN ('draft', 'returned') THEN id END,
       CASE WHEN status = 'approved' THEN 'paid' ELSE 'none' END,
       entries, md5(id::text) || md5((entries + 1)::text), at, at + interval '2 days'
  FROM request ORDER BY id;

INSERT INTO treasury_requesterconsent (requester_id, author_id, asked_at, given_at)
SELECT requester, author, min(at), min(at)
  FROM request WHERE requester <> author AND status <> 'draft' GROUP BY requester, author;

INSERT INTO treasury_attachment (
    id, request_id, file, name, size, sha256, uploaded_by_id, uploaded_at)
SELECT id, id, 'attachments/' || id, 'Счёт ' || id || '.pdf', 100000 + id % 1000,
       md5(id::text) || md5('b' || id), author, at
  FROM request ORDER BY id;

INSERT INTO treasury_revision (id, request_id, number, facts, digest, submitted_at)
SELECT request.id, request.id, 1,
       jsonb_build_object(
           'organization', jsonb_build_object('key', organization.id, 'name', organization.name,
               'inn', organization.inn, 'kpp', organization.kpp),
           'counterparty', jsonb_build_object('key', payee.id, 'name', payee.name,
               'inn', payee.inn, 'kpp', payee.kpp),
           'department', jsonb_build_object('key', department.id, 'name', department.name),
           'cash_flow_item', jsonb_build_object('key', item.id, 'code', item.code, 'name', item.name),
           'counterparty_account', jsonb_build_object('key', account.id, 'number', account.number,
               'bik', bank.bik, 'bank', bank.name),
           'own_account', '{}'::jsonb,
           'vat_rate', jsonb_build_object('key', rate.id, 'name', rate.name,
               'percent', to_char(rate.percent, 'FM990.00')),
           'requester', jsonb_build_object('key', person.id,
               'name', person.last_name || ' ' || person.first_name)
       ) || jsonb_build_object(
           'currency', 'RUB', 'amount', paid.amount::text, 'vat_amount', paid.vat_amount::text,
           'purpose', paid.purpose, 'invoice_number', paid.invoice_number,
           'invoice_date', paid.invoice_date::text, 'contract', paid.contract,
           'documents', jsonb_build_object(
               md5(request.id::text) || md5('b' || request.id), 'Счёт ' || request.id || '.pdf')
       ), digest, at
  FROM request
  JOIN treasury_paymentrequest paid USING (id)
  JOIN treasury_organization organization ON organization.id = request.organization
  JOIN treasury_department department ON department.id = request.department
  JOIN treasury_counterparty payee ON payee.id = request.payee
  JOIN treasury_counterpartyaccount account ON account.id = request.payee
  JOIN treasury_bank bank ON bank.id = account.bank_id
  JOIN treasury_cashflowitem item ON item.id = paid.cash_flow_item_id
  JOIN treasury_vatrate rate ON rate.id = paid.vat_rate_id
  JOIN treasury_employee person ON person.id = request.requester
 WHERE request.status <> 'draft' ORDER BY request.id;

CREATE TEMP TABLE stage AS
SELECT 3 * request.id - 3 + position AS id, request.id AS request, position, at, status,
       CASE WHEN status IN ('approved', 'cancelled') THEN 'passed'
            WHEN status = 'in_approval' AND position < open_stage THEN 'passed'
            WHEN status = 'in_approval' AND position = open_stage THEN 'open'
            WHEN status = 'declined' AND position = 1 THEN 'passed'
            WHEN status = 'declined' AND position = 2 THEN 'stopped'
            WHEN status = 'returned' AND position = 1 THEN 'stopped'
            ELSE 'waiting' END AS state
  FROM request, generate_series(1, 3) AS position WHERE status <> 'draft';

INSERT INTO treasury_approvalstage (
    id, request_id, route_stage_id, position, name, approvers, concern, quorum, group_id, revision,
    same_person, min_people, state, opened_at, closed_at)
SELECT stage.id, request, route.id, route.position, route.name, approvers, concern, quorum,
       group_id, 1, 'skip', 2, state,
       CASE WHEN state <> 'waiting' THEN at + stage.position * interval '8 hours' END,
       CASE WHEN state IN ('passed', 'stopped') THEN at + stage.position * interval '16 hours' END
  FROM stage JOIN treasury_routestage route USING (position) ORDER BY stage.id;

CREATE TEMP TABLE task AS
SELECT 4 * request.id - 4 + seat AS id, request.id AS request, stage.id AS stage, seat, stage.state,
       stage.position, request.at + stage.position * interval '8 hours' AS at,
       (ARRAY[holder, other_holder, manager, treasurer])[seat] AS person,
       CASE WHEN stage.state = 'open' THEN 'open' WHEN seat = 2 THEN 'closed' ELSE 'decided' END
           AS status
  FROM request, generate_series(1, 4) AS seat
  JOIN stage ON TRUE
 WHERE stage.request = request.id AND stage.position = greatest(seat - 1, 1)
   AND stage.state <> 'waiting';

INSERT INTO treasury_approvaltask (
    id, request_id, stage_id, employee_id, revision, status, origin, created_at)
SELECT id, request, stage, person, 1, status, 'route', at FROM task ORDER BY id;

INSERT INTO treasury_decision (
    id, task_id, request_id, revision, snapshot_id, digest, action, decided_by_id, reason, channel,
    decided_at)
SELECT task.id, task.id, request.id, 1, request.id, digest,
       CASE WHEN state = 'passed' THEN 'approve' WHEN position = 1 THEN 'return_for_rework'
            ELSE 'decline' END,
       person, CASE WHEN state = 'passed' THEN '' ELSE 'Не по договору' END, 'telegram',
       task.at + interval '4 hours'
  FROM task JOIN request ON request.id = task.request WHERE task.status = 'decided' ORDER BY task.id;

INSERT INTO treasury_event (
    id, request_id, sequence, action, actor_id, channel, revision, status, reason, data, at,
    key, previous_hash, hash)
SELECT 7 * id - 7 + sequence, id, sequence,
       CASE WHEN sequence <= 4 THEN (ARRAY['create', 'change', 'change', 'submit'])[sequence]
            WHEN sequence < entries OR status NOT IN ('returned', 'declined') THEN 'approve'
            WHEN status = 'returned' THEN 'return_for_rework' ELSE 'decline' END,
       CASE WHEN sequence > 4 THEN (ARRAY[holder, manager, treasurer])[sequence - 4]
            ELSE author END,
       CASE WHEN sequence > 4 THEN 'telegram' ELSE 'admin' END, least(sequence / 4, 1),
       CASE WHEN sequence < 4 THEN 'draft' WHEN sequence < entries THEN 'in_approval'
            ELSE status END,
       CASE WHEN sequence = entries AND status IN ('returned', 'declined') THEN 'Не по договору'
            ELSE '' END,
       CASE WHEN sequence < 3 THEN '{}'
            WHEN sequence = 3
            THEN '{"changes": {"purpose": ["Оплата по счёту", "Оплата по счёту за товар"]}}'
            WHEN sequence = 4 THEN jsonb_build_object('digest', digest)
            ELSE jsonb_build_object('digest', digest, 'stage', 'Этап', 'position', sequence - 4,
                'task', (ARRAY[4 * id - 3, 4 * id - 1, 4 * id])[sequence - 4]) END,
       at + sequence * interval '4 hours', '', md5(id::text) || md5(sequence::text),
       md5(id::text) || md5((sequence + 1)::text)
  FROM request, generate_series(1, 7) AS sequence WHERE sequence <= entries
 ORDER BY 1;

-- All is consumed, and of the last day still looked through.
INSERT INTO telegrambot_bookmark (request_id, sequence, attempts, error)
SELECT id, entries, 0, '' FROM request ORDER BY id;

INSERT INTO telegrambot_watermark (event)
SELECT max(id) FROM treasury_event
 WHERE id < (SELECT min(id) FROM treasury_event WHERE at > now() - interval '1 day');

-- A card a task; the announcement in the organization's group, its further documents; the outcome.
-- Two groups refuse whatever is sent to them.
CREATE TEMP TABLE message AS
SELECT 8 * request - 8 + seat AS id, person AS chat, request, 'task' AS kind,
       id AS task, NULL::bigint AS event, at
  FROM task
UNION ALL
SELECT 8 * id - 3, 1000 + organization, id, 'announcement', NULL, 7 * id - 3, at
  FROM request WHERE status <> 'draft'
UNION ALL
SELECT 8 * id - 2, 1000 + organization, id, 'documents', NULL, 7 * id - 3, at
  FROM request WHERE status <> 'draft' AND id % 3 = 0
UNION ALL
SELECT 8 * id - 1, author, id, 'outcome', NULL, 7 * id, at
  FROM request WHERE status IN ('approved', 'cancelled')
UNION ALL
SELECT 8 * id, requester, id, 'outcome', NULL, 7 * id, at
  FROM request WHERE status IN ('approved', 'cancelled') AND requester <> author;

INSERT INTO telegrambot_sentmessage (
    id, chat_id, request_id, kind, key, task_id, event_id, text, documents, form, message_ids, wanted,
    shown, shown_hash, state, error, attempts, lost, urgency,
    created_at, sent_at, behind_since, rich_refused, as_documents, query_id, told, removal)
SELECT id, chat, request, kind,
       CASE kind WHEN 'task' THEN task::text WHEN 'announcement' THEN request::text
                 WHEN 'outcome' THEN event::text ELSE '' END,
       task, event, '', '[]',
       CASE WHEN chat IN (1002, 1003) THEN '' WHEN kind = 'documents' THEN 'album'
            WHEN kind = 'announcement' THEN 'caption' ELSE 'text' END,
       CASE WHEN chat IN (1002, 1003) THEN '[]' ELSE jsonb_build_array(id) END,
       4, CASE WHEN chat IN (1002, 1003) THEN 0 ELSE 4 END,
       CASE WHEN chat IN (1002, 1003) THEN '' ELSE md5(id::text) || md5('b' || id) END,
       CASE WHEN chat IN (1002, 1003) THEN 'failed' ELSE 'sent' END,
       CASE WHEN chat IN (1002, 1003) THEN 'Bad Request: not enough rights' ELSE '' END, 0, 0, 4, at, at, at,
       false, false, '', '[]', 0
  FROM message ORDER BY id;

-- Of those that were handled only the last two days have kept what they carried.
INSERT INTO telegrambot_update (
    update_id, kind, payload, removed, received_at, handled_at, attempts, error)
SELECT id, CASE WHEN id % 3 = 0 THEN 'message' ELSE 'callback_query' END,
       CASE WHEN is_full THEN jsonb_build_object('update_id', id, 'text', repeat(md5(id::text), 25))
            ELSE '{}' END,
       CASE WHEN is_full THEN '' ELSE 'old' END, received_at, CASE WHEN id % 20000 <> 0 THEN received_at END, 3,
       CASE WHEN id % 20000 = 0 THEN 'ValueError: number ' || id ELSE '' END
  FROM (SELECT *, id % 20000 = 0 OR received_at > now() - interval '48 hours' AS is_full
          FROM (SELECT id, now() - (max(id) OVER () - id) * interval '59 days' / max(id) OVER ()
                       AS received_at FROM request) AS timed ORDER BY id) AS updates;

SET session_replication_role = DEFAULT;
