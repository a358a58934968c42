/* SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause) */
/* Anchor of the ABI: never loaded. It names every type that Java shares, so that all of them reach BTF. */
#include "abi/address.h"
#include "abi/device.h"
#include "abi/endpoint.h"
#include "abi/event.h"
#include "abi/flow.h"
#include "abi/fragment.h"
#include "abi/ipcache.h"
#include "abi/metrics.h"
#include "abi/runtime.h"
#include "abi/service.h"
#include "abi/verdict.h"

union address anchor_address;
struct device_entry anchor_device_entry;
struct endpoint_key anchor_endpoint_key;
struct endpoint_entry anchor_endpoint_entry;
struct event anchor_event;
struct flow_key anchor_flow_key;
struct flow_entry anchor_flow_entry;
struct fragment_key anchor_fragment_key;
struct fragment_entry anchor_fragment_entry;
struct ipcache_key anchor_ipcache_key;
struct ipcache_entry anchor_ipcache_entry;
struct metrics_key anchor_metrics_key;
struct metrics_entry anchor_metrics_entry;
struct runtime anchor_runtime;
struct changes anchor_changes;
struct frontend_key anchor_frontend_key;
struct frontend_entry anchor_frontend_entry;
struct backend_entry anchor_backend_entry;
struct backend_slot anchor_backend_slot;
struct member_key anchor_member_key;
struct affinity_key anchor_affinity_key;
struct affinity_entry anchor_affinity_entry;
struct range_key anchor_range_key;
struct node_address_key anchor_node_address_key;
struct socket_flow_key anchor_socket_flow_key;
struct socket_flow_entry anchor_socket_flow_entry;
struct socket_peer anchor_socket_peer;
enum family anchor_family;
enum endpoint_flag anchor_endpoint_flag;
enum event_type anchor_event_type;
enum observation_point anchor_observation_point;
enum trace_state anchor_trace_state;
enum debug_point anchor_debug_point;
enum source_file anchor_source_file;
enum event_flag anchor_event_flag;
enum flow_action anchor_flow_action;
enum flow_origin anchor_flow_origin;
enum flow_flag anchor_flow_flag;
enum ipcache_flag anchor_ipcache_flag;
enum direction anchor_direction;
enum counter anchor_counter;
enum aggregation anchor_aggregation;
enum verdict anchor_verdict;
enum frontend_type anchor_frontend_type;
enum frontend_flag anchor_frontend_flag;
enum set_flag anchor_set_flag;
enum backend_state anchor_backend_state;
enum client_kind anchor_client_kind;
enum node_address_flag anchor_node_address_flag;
enum socket_direction anchor_socket_direction;
