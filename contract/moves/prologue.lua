-- Every move runs with this text in front of it, so that all moves share one set of names and one clock.
-- KEYS is the same list for every move; contract/store.py, the home of all key names, makes it.
-- The first write of a move is always one that Redis refuses when it has no memory (HSET, INCR, SET; not ZREM, DEL or
-- HDEL), so that a move happens as a whole or not at all.
local queued, running, succeeded, failed, cancelled, jobs, sequence, counters, workers, presence,
    expiry, datasets, job_stem, history_stem, dataset_stem, users_stem, ended = unpack(KEYS)
local index = {queued = queued, running = running, succeeded = succeeded, failed = failed, cancelled = cancelled}

local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6

local function text(number) return string.format('%.6f', number) end

local function get(id, field) return redis.call('HGET', job_stem .. id, field) end

local function set(id, ...) redis.call('HSET', job_stem .. id, ...) end

-- The only place where a job's state is written after it was accepted.
local function move(id, from, to, score)
    redis.call('ZREM', index[from], id)
    redis.call('ZADD', index[to], score, id)
    set(id, 'state', to)
end

-- A dataset lives on for the retention after it was uploaded or used last.
local function keep_dataset(id, retention)
    redis.call('HSET', dataset_stem .. id, 'expires_at', text(now + retention))
    redis.call('ZADD', datasets, now + retention, id)
end

local function add_dataset(id, document, retention)
    redis.call('HSET', dataset_stem .. id, 'document', document, 'created_at', text(now))
    keep_dataset(id, retention)
end

local function finish(id, from, to, retention)
    move(id, from, to, redis.call('INCR', sequence))
    set(id, 'finished_at', text(now), 'expires_at', text(now + retention))
    redis.call('ZADD', expiry, now + retention, id)
    redis.call('HDEL', job_stem .. id, 'lease_until', 'cancel')
    local dataset = get(id, 'dataset')
    redis.call('SREM', users_stem .. dataset, id)
    keep_dataset(dataset, retention)
    redis.call('PUBLISH', ended, id)
end

local function finish_cancelled(id, from, retention)
    set(id, 'stop_reason', 'cancelled')
    finish(id, from, 'cancelled', retention)
end

local function requeue(id)
    redis.call('HINCRBY', job_stem .. id, 'fence', 1)
    redis.call('HDEL', job_stem .. id, 'lease_until', 'worker', 'resolved', 'advice')
    set(id, 'progress', get(id, 'first_progress'))
    redis.call('DEL', history_stem .. id)
    move(id, 'running', 'queued', get(id, 'sequence'))
end

local function holds(id, fence)
    if get(id, 'state') == 'running' and get(id, 'fence') == fence then return true end
    redis.call('HINCRBY', counters, 'refused_writes', 1)
    return false
end

-- History arrives at a byte offset, so that a call repeated after a lost answer changes nothing.
local function write_history(id, offset, rows)
    if rows == '' then return end
    if offset == '0' then redis.call('SET', history_stem .. id, rows)
    else redis.call('SETRANGE', history_stem .. id, offset, rows) end
end
