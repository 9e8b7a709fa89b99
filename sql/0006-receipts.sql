-- 0006 receipts: how far each chain of receipts has come.
--
-- The receipts themselves are lines in files (src/receipts), each of which carries the HMAC of the one before it. A line
-- that is missing at the end shows in nothing but this: the last receipt that was known to be on the disk.

create table receipt_head (
  chain text collate "C" primary key,
  project text not null,
  place text not null,
  sequence bigint not null,
  hmac text not null,
  updated_at timestamptz not null default now()
);
comment on table receipt_head is 'The last receipt of each chain that was synced to the disk; lethe audit verify compares it with the files.';
comment on column receipt_head.place is 'Machine and data directory whose gateway writes the chain.';
