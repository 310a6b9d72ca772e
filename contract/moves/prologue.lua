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

-- Which of a new job's datasets is not there; its own one comes along where there is a head of it.
local function lacking(dataset, head, uses)
    for used in (uses .. (head == '' and ' ' .. dataset or '')):gmatch('%S+') do
        if redis.call('EXISTS', dataset_stem .. used) == 0 then return {'no_dataset', used} end
    end
    return false
end

-- none -> queued. Fields come as name, value, ...; those of a job of a sweep name it.
local function accept(id, dataset, uses, retention, ...)
    local place = redis.call('INCR', sequence)
    set(id, 'id', id, 'state', 'queued', 'dataset', dataset, 'uses', uses, 'created_at', text(now), 'sequence', place,
        'attempt', 0, 'fence', 0, 'leases_lost', 0, ...)
    set(id, 'first_progress', get(id, 'progress'), 'first_warnings', get(id, 'warnings'))
    for used in datasets_of(id) do
        redis.call('SADD', users_stem .. used, id)
        keep_dataset(used, retention)
    end
    local sweep = get(id, 'sweep')
    redis.call('ZADD', sweep and sweep_jobs_stem .. sweep or jobs, place, id)
    if sweep then redis.call('SADD', sweep_open_stem .. sweep, id) end
    redis.call('ZADD', queued, place, id)
    for _, label in ipairs(label_keys(id)) do redis.call('ZADD', label, place, id) end
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

-- A sweep runs from the moment in which the first of its jobs begins, or ends.
local function begin_sweep(sweep)
    if redis.call('HGET', sweep_stem .. sweep, 'state') == 'queued' then
        redis.call('HSET', sweep_stem .. sweep, 'state', 'running')
    end
end

-- All jobs of a sweep have ended: so has the sweep, and from now on they are kept as long as it is.
local function end_sweep(sweep, retention)
    local key, expiry, count = sweep_stem .. sweep, text(now + retention), {succeeded = 0, failed = 0, cancelled = 0}
    for _, id in ipairs(redis.call('ZRANGE', sweep_jobs_stem .. sweep, 0, -1)) do
        local state = get(id, 'state')
        count[state] = count[state] + 1
        set(id, 'expires_at', expiry)
    end
    local stopped = redis.call('HGET', key, 'cancel') or count.succeeded + count.failed == 0
    local state = count.cancelled > 0 and stopped and 'cancelled' or count.succeeded > 0 and 'succeeded' or 'failed'
    redis.call('HSET', key, 'state', state, 'finished_at', text(now), 'expires_at', expiry)
    redis.call('ZADD', sweep_expiry, now + retention, sweep)
    redis.call('PUBLISH', ended, sweep)
end

local function leave_open(sweep, id, retention)
    begin_sweep(sweep)
    redis.call('SREM', sweep_open_stem .. sweep, id)
    if redis.call('SCARD', sweep_open_stem .. sweep) == 0 then end_sweep(sweep, retention) end
end

-- What a job went on from, or could be continued from, is not needed any more; a worker deletes the file, if any.
local function drop_checkpoint(id)
    local name = redis.call('GETRANGE', checkpoint_stem .. id, 0, 200):match('^file:(%S+)$')
    if name then redis.call('SADD', dead_checkpoints, name) end
    redis.call('DEL', checkpoint_stem .. id, base_stem .. id)
end

local function children_of(id) return (get(id, 'children') or ''):gmatch('%S+') end

-- Why no other job may continue this one ('' = it is none).
local function barren(parent, most)
    if parent == '' then return false end
    if redis.call('EXISTS', job_stem .. parent) == 0 then return 'no_parent' end
    local count = 0
    for _ in children_of(parent) do count = count + 1 end
    return count >= most and 'too_many'
end

-- A new job begins where another one ended: with that one's state, history and resolved settings, and with its warnings
-- from before its first attempt.
local function continue_job(id, parent, state)
    redis.call('SET', checkpoint_stem .. id, state)
    redis.call('COPY', history_stem .. parent, base_stem .. id)
    local warnings = get(parent, 'first_warnings') or '[]'
    set(id, 'parent', parent, 'warnings', warnings, 'first_warnings', warnings,
        'parent_resolved', get(parent, 'resolved') or '{}')
    set(parent, 'children', ((get(parent, 'children') or '') .. ' ' .. id):match('%S.*'))
end

local function leave_parent(id)
    local parent, others = get(id, 'parent'), {}
    if not parent or redis.call('EXISTS', job_stem .. parent) == 0 then return end
    for child in children_of(parent) do
        if child ~= id then table.insert(others, child) end
    end
    set(parent, 'children', table.concat(others, ' '))
end

local function finish(id, from, to, retention)
    redis.call('ZADD', endings, redis.call('INCR', sequence), id)
    move(id, from, to)
    set(id, 'finished_at', text(now))
    redis.call('HDEL', job_stem .. id, 'lease_until', 'cancel')
    for dataset in datasets_of(id) do
        redis.call('SREM', users_stem .. dataset, id)
        keep_dataset(dataset, retention)
    end
    drop_checkpoint(id)
    redis.call('PUBLISH', ended, id)
    local sweep = get(id, 'sweep')
    if sweep then leave_open(sweep, id, retention)
    else
        set(id, 'expires_at', text(now + retention))
        redis.call('ZADD', job_expiry, now + retention, id)
    end
end

local function finish_cancelled(id, from, retention)
    set(id, 'stop_reason', 'cancelled')
    finish(id, from, 'cancelled', retention)
end

-- queued -> cancelled; running: the worker is asked to stop. Answers the state found.
local function cancel(id, retention)
    local state = get(id, 'state')
    if state == 'queued' then
        finish_cancelled(id, 'queued', retention)
    elseif state == 'running' then set(id, 'cancel', 1) end
    return state
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
    leave_parent(id)
    drop_checkpoint(id)
    redis.call('DEL', job_stem .. id, history_stem .. id, model_stem .. id)
end

-- A sweep's record, how many of its jobs have not ended, the place in the queue of the first of these, and of each job
-- the fields of these names.
local function look_at_sweep(sweep, names)
    local found, first = {}, false
    for k, id in ipairs(redis.call('ZRANGE', sweep_jobs_stem .. sweep, 0, -1)) do
        found[k] = redis.call('HMGET', job_stem .. id, unpack(names))
        first = first or redis.call('ZRANK', queued, id)
    end
    return {redis.call('HGETALL', sweep_stem .. sweep), redis.call('SCARD', sweep_open_stem .. sweep), first, found}
end

local function forget_sweep(sweep)
    for _, key in ipairs({sweeps, sweep_expiry}) do redis.call('ZREM', key, sweep) end
    for _, id in ipairs(redis.call('ZRANGE', sweep_jobs_stem .. sweep, 0, -1)) do forget(id) end
    redis.call('DEL', sweep_stem .. sweep, sweep_jobs_stem .. sweep, sweep_open_stem .. sweep)
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
