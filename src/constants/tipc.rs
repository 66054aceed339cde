//! TIPC, from `linux/tipc.h`.

use super::constants;

/// Address types, scopes, the level and its options, subscriptions.
pub(crate) const TIPC: &[(&str, i64)] = constants! {
    #[cfg(linux_like)] {
        SOL_TIPC
        TIPC_ADDR_ID = 3 // linux/tipc.h
        TIPC_ADDR_NAME = 2 // linux/tipc.h
        TIPC_ADDR_NAMESEQ = 1 // linux/tipc.h
        TIPC_CFG_SRV = 0 // linux/tipc.h
        TIPC_CLUSTER_SCOPE = 2 // linux/tipc.h
        TIPC_CONN_TIMEOUT = 130 // linux/tipc.h
        TIPC_CRITICAL_IMPORTANCE = 3 // linux/tipc.h
        TIPC_DEST_DROPPABLE = 129 // linux/tipc.h
        TIPC_HIGH_IMPORTANCE = 2 // linux/tipc.h
        TIPC_IMPORTANCE = 127 // linux/tipc.h
        TIPC_LOW_IMPORTANCE = 0 // linux/tipc.h
        TIPC_MEDIUM_IMPORTANCE = 1 // linux/tipc.h
        TIPC_NODE_SCOPE = 3 // linux/tipc.h
        TIPC_PUBLISHED = 1 // linux/tipc.h
        TIPC_SRC_DROPPABLE = 128 // linux/tipc.h
        TIPC_SUBSCR_TIMEOUT = 3 // linux/tipc.h
        TIPC_SUB_CANCEL = 4 // linux/tipc.h
        TIPC_SUB_PORTS = 1 // linux/tipc.h
        TIPC_SUB_SERVICE = 2 // linux/tipc.h
        TIPC_TOP_SRV = 1 // linux/tipc.h
        TIPC_WAIT_FOREVER = -1 // linux/tipc.h
        TIPC_WITHDRAWN = 2 // linux/tipc.h
        TIPC_ZONE_SCOPE = 1 // linux/tipc.h
    }
};
