-- 0008 storage commitment and refusals: who asked whether we hold what, and who was turned away at the door.

create table commitment_request (
  number bigint generated always as identity primary key,
  calling_ae_title text not null,
  called_ae_title text not null,
  peer_address text not null,
  transaction_uid text collate "C" not null,
  digest text collate "C" not null,
  instances text not null,
  is_duplicate boolean not null,
  state text not null default 'pending' check (state in ('pending', 'reported', 'abandoned')),
  attempts integer not null default 0,
  requested_at timestamptz not null,
  next_attempt_at timestamptz not null,
  settled_at timestamptz,
  unique (calling_ae_title, called_ae_title, transaction_uid, digest)
);
create index commitment_request_due on commitment_request (next_attempt_at) where state = 'pending';
create index commitment_request_settled on commitment_request (settled_at) where state <> 'pending';
comment on table commitment_request is 'One row for each request for storage commitment (PS3.4 Annex J); settled ones are kept for 30 days.';
comment on column commitment_request.instances is 'SOP class and original SOP instance UID with a slash between, one pair per line.';
comment on column commitment_request.digest is 'SHA-256 of "instances": the same request sent again is told from another one under the same transaction UID.';
comment on column commitment_request.is_duplicate is 'The transaction UID was used before, for other instances: failure reason 0131H.';
comment on column commitment_request.state is 'pending until the requestor confirmed the report; abandoned when it could not be reached for a week.';

-- Storage commitment asks by original UID.
create index instance_sop_instance on instance using hash (sop_instance_uid);

create table refused_association (
  calling_ae_title text not null,
  called_ae_title text not null,
  peer_address text not null,
  reason text not null,
  times bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  primary key (calling_ae_title, called_ae_title, peer_address, reason)
);
create index refused_association_last on refused_association (last_at);
comment on table refused_association is 'Who was turned away, why and how often; at most 10,000 rows, the oldest go first.';
comment on column refused_association.calling_ae_title is 'As the peer called itself, escaped; empty when it never came so far.';
comment on column refused_association.reason is 'Our own words.';
