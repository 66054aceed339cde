-- Returns a function that makes the metatable of the addresses of a family from the names of their fields in order.

return function(names)
  local places = {}
  for place = 1, #names do
    places[names[place]] = place
  end

  -- Scripts cannot change the metatable: audit hooks read addresses through it.
  local metatable = { __metatable = false }

  function metatable.__index(address, name)
    local place = places[name]
    return place and address[place]
  end

  function metatable.__newindex(address, name, value)
    rawset(address, places[name] or name, value)
  end

  function metatable.__eq(left, right)
    for place = 1, #names do
      if left[place] ~= right[place] then
        return false
      end
    end
    return true
  end

  function metatable.__tostring(address)
    if places.flowinfo then
      local scope = address.scope_id ~= 0 and "%" .. address.scope_id or ""
      return "[" .. address.host .. scope .. "]:" .. address.port
    end
    local text = address[1]
    for place = 2, #address do
      text = text .. ":" .. address[place]
    end
    return text
  end

  return metatable
end
