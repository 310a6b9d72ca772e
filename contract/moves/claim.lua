-- queued -> running; running -> running for the worker that holds it. ARGV: job id, worker, worker's version, lease, newest record format that the worker reads.
local id, worker, version, lease, format = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local state = get(id, 'state')
if tonumber(get(id, 'format') or 0) > format then return false end
-- A worker runs one job at a time: if it claims what it holds, it never got the answer to its first claim.
if state == 'running' and get(id, 'worker') == worker then requeue(id)
elseif state ~= 'queued' then return false end
local fence = redis.call('HINCRBY', job_stem .. id, 'fence', 1)
local attempt = tonumber(get(id, 'leases_lost')) + 1
redis.call('HSETNX', job_stem .. id, 'started_at', text(now))
set(id, 'attempt', attempt, 'worker', worker, 'version', version)
move(id, 'queued', 'running')
local sweep = get(id, 'sweep')
if sweep then
    begin_sweep(sweep)
    redis.call('HSETNX', sweep_stem .. sweep, 'started_at', text(now))
end
lease_until(id, now + lease)
return {fence, attempt, get(id, 'settings') or '', get(id, 'warnings') or '',
    redis.call('GET', checkpoint_stem .. id) or '', redis.call('GET', base_stem .. id) or '',
    get(id, 'parent_resolved') or ''}
