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
