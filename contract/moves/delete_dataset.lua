-- ARGV: dataset id. Answers 'deleted', 'in_use' while a queued or running job uses it, or 'no_dataset'.
local id = ARGV[1]
if redis.call('EXISTS', dataset_stem .. id) == 0 then return 'no_dataset' end
if redis.call('SCARD', users_stem .. id) > 0 then return 'in_use' end
forget_dataset(id)
return 'deleted'
