-- Terminal jobs, sweeps and unused datasets whose time is over disappear; answers the datasets' ids and whether there
-- may be more. ARGV: retention, limit, limit of sweeps.
local retention, limit, few = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local old_jobs = redis.call('ZRANGEBYSCORE', job_expiry, '-inf', text(now), 'LIMIT', 0, limit)
for _, id in ipairs(old_jobs) do forget(id) end
local old_sweeps = redis.call('ZRANGEBYSCORE', sweep_expiry, '-inf', text(now), 'LIMIT', 0, few)
for _, sweep in ipairs(old_sweeps) do forget_sweep(sweep) end
local old_datasets = {}
local due = redis.call('ZRANGEBYSCORE', dataset_expiry, '-inf', text(now), 'LIMIT', 0, limit)
for _, id in ipairs(due) do
    -- One in use is looked at again later; without memory for that note it is looked at again sooner.
    if redis.call('SCARD', users_stem .. id) > 0 then pcall(keep_dataset, id, retention)
    else
        forget_dataset(id)
        table.insert(old_datasets, id)
    end
end
-- Where all that is due is in use, another call would only meet the same again.
return {old_datasets, #old_jobs == limit or #old_sweeps == few or (#due == limit and #old_datasets > 0)}
