-- 0012 reviews: what a person decided on the pixels of an instance that was held back.

alter table instance add column review jsonb;
comment on column instance.review is 'Of the release that it is under: rectangles that a person had blanked, and whether they looked at every frame (src/core/pixel-review.ts). Who and why is in the audit.';

-- Read at start by the one process that does everything.
create index instance_reviewed on instance (record_id) where review is not null;
