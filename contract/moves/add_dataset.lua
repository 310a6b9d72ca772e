-- ARGV: dataset id, document, retention. Stamps the times into the document.
local id, document, retention = ARGV[1], ARGV[2], tonumber(ARGV[3])
redis.call('HSET', dataset_stem .. id, 'document', document, 'created_at', text(now), 'expires_at', text(now + retention))
return redis.call('HGETALL', dataset_stem .. id)
