-- Every move runs with this text in front of it, so that all moves share one set of names and one clock.
-- Before it stands a line that gives the keys their names; contract/store_keys.py, the home of all key names, says which.
-- The first write of a move is always one that Redis refuses when it has no memory (HSET, INCR, SET; not ZREM, DEL or
-- HDEL), so that a move happens as a whole or not at all.
local index = {queued = queued, running = running, succeeded = succeeded, failed = failed, cancelled = cancelled}

local clock = redis.call('TIME')
local now = tonumber(clock[1]) + tonumber(clock[2]) / 1e6

local function text(number) return string.format('%.6f', number) end

local function get(id, field) return redis.call('HGET', job_stem .. id, field) end

-- The revision tells whoever has seen the record whether it has changed since.
local function set(id, ...)
    redis.call('HSET', job_stem .. id, ...)
    redis.call('HINCRBY', job_stem .. id, 'revision', 1)
end

local function terminal(state) return state == 'succeeded' or state == 'failed' or state == 'cancelled' end

local function label_keys(id)
    local keys, labels = {}, get(id, 'labels')
    if labels and labels ~= '{}' then
        for name, value in pairs(cjson.decode(labels)) do table.insert(keys, label_stem .. name .. ':' .. value) end
    end
    return keys
end

-- The only place where a job's state is written after it was accepted.
local function move(id, from, to)
    redis.call('ZADD', index[to], get(id, 'sequence'), id)
    redis.call('ZREM', index[from], id)
    redis.call('ZREM', leases, id)
    set(id, 'state', to)
end

local function lease_until(id, time)
    set(id, 'lease_until', text(time))
    redis.call('ZADD', leases, time, id)
end

-- A dataset lives on for the retention after it was uploaded or used last.
local function keep_dataset(id, retention)
    redis.call('HSET', dataset_stem .. id, 'expires_at', text(now + retention))
    redis.call('ZADD', dataset_expiry, now + retention, id)
end

local function add_dataset(id, head, body, retention)
    redis.call('ZADD', datasets, redis.call('INCR', sequence), id)
    redis.call('HSET', dataset_stem .. id, 'head', head, 'body', body, 'created_at', text(now))
    keep_dataset(id, retention)
end

local function forget_dataset(id)
    redis.call('ZREM', dataset_expiry, id)
    redis.call('ZREM', datasets, id)
    redis.call('DEL', dataset_stem .. id)
end

-- A job has one dataset, and may use others beside it.
local function datasets_of(id) return (get(id, 'dataset') .. ' ' .. (get(id, 'uses') or '')):gmatch('%S+') end

local function finish(id, from, to, retention)
    redis.call('ZADD', endings, redis.call('INCR', sequence), id)
    move(id, from, to)
    set(id, 'finished_at', text(now), 'expires_at', text(now + retention))
    redis.call('ZADD', job_expiry, now + retention, id)
    redis.call('HDEL', job_stem .. id, 'lease_until', 'cancel')
    for dataset in datasets_of(id) do
        redis.call('SREM', users_stem .. dataset, id)
        keep_dataset(dataset, retention)
    end
    redis.call('PUBLISH', ended, id)
end

local function finish_cancelled(id, from, retention)
    set(id, 'stop_reason', 'cancelled')
    finish(id, from, 'cancelled', retention)
end

local function requeue(id)
    redis.call('HINCRBY', job_stem .. id, 'fence', 1)
    redis.call('HDEL', job_stem .. id, 'lease_until', 'worker', 'version', 'resolved', 'advice', 'history')
    set(id, 'progress', get(id, 'first_progress'), 'warnings', get(id, 'first_warnings'))
    redis.call('DEL', history_stem .. id)
    move(id, 'running', 'queued')
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

-- The job is over and its time too: nothing of it stays. Its dataset has a time of its own.
local function forget(id)
    for _, key in ipairs({index[get(id, 'state')], jobs, endings, job_expiry}) do redis.call('ZREM', key, id) end
    for _, key in ipairs(label_keys(id)) do redis.call('ZREM', key, id) end
    redis.call('DEL', job_stem .. id, history_stem .. id, model_stem .. id)
end

-- What a request with this idempotency key came to before: nothing yet, or why this one must not go on.
local function refused(key, digest)
    if key == '' then return false end
    local found = redis.call('HMGET', replay_stem .. key, 'digest', 'made')
    if not found[2] then return false end
    return found[1] == digest and 'in_flight' or 'mismatch'
end

local function bind(key, digest, made, seconds)
    if key == '' then return end
    redis.call('HSET', replay_stem .. key, 'digest', digest, 'made', made)
    redis.call('EXPIRE', replay_stem .. key, seconds)
end
