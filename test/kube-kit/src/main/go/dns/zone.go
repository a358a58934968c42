// SPDX-License-Identifier: Apache-2.0

package main

import (
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"
	core "k8s.io/api/core/v1"
	discovery "k8s.io/api/discovery/v1"
)

const domain = "cluster.local."

type record struct {
	kind dnsmessage.Type
	body dnsmessage.ResourceBody
}

// zone is every name that exists, lower-case and with the final dot, and what it stands for.
type zone struct {
	names map[string][]record
}

// newZone writes the zone of the Services and their endpoints.
func newZone(services []*core.Service, endpointSlices []*discovery.EndpointSlice) *zone {
	z := &zone{names: map[string][]record{}}
	slicesOf := map[string][]*discovery.EndpointSlice{}
	for _, slice := range endpointSlices {
		key := slice.Namespace + "/" + slice.Labels[discovery.LabelServiceName]
		slicesOf[key] = append(slicesOf[key], slice)
	}
	for _, service := range services {
		name := service.Name + "." + service.Namespace + ".svc." + domain
		switch {
		case service.Spec.Type == core.ServiceTypeExternalName:
			z.alias(name, service.Spec.ExternalName)
		case service.Spec.ClusterIP == core.ClusterIPNone:
			z.headless(name, slicesOf[service.Namespace+"/"+service.Name])
		default:
			z.virtual(name, service)
		}
	}
	return z
}

// find returns what a name stands for and whether it exists; pods' names are not listed but follow from their form.
func (z *zone) find(name string) ([]record, bool) {
	if records, exists := z.names[name]; exists {
		return records, true
	}
	parts := strings.Split(strings.TrimSuffix(name, ".pod."+domain), ".")
	if strings.HasSuffix(name, ".pod."+domain) && len(parts) == 2 {
		if address, err := netip.ParseAddr(strings.ReplaceAll(parts[0], "-", ".")); err == nil {
			return []record{addressRecord(address)}, true
		}
	}
	return nil, false
}

func (z *zone) add(name string, added ...record) {
	name = strings.ToLower(name)
	z.names[name] = append(z.names[name], added...)
}

func (z *zone) alias(name, target string) {
	if parsed, err := dnsmessage.NewName(strings.TrimSuffix(target, ".") + "."); err == nil {
		z.add(name, record{dnsmessage.TypeCNAME, &dnsmessage.CNAMEResource{CNAME: parsed}})
	}
}

// virtual adds a Service that has addresses of its own.
func (z *zone) virtual(name string, service *core.Service) {
	for _, text := range service.Spec.ClusterIPs {
		if address, err := netip.ParseAddr(text); err == nil {
			z.add(name, addressRecord(address))
			z.reverse(address, name)
		}
	}
	for _, port := range service.Spec.Ports {
		z.port(name, port.Name, port.Protocol, uint16(port.Port), name)
	}
}

// headless adds a Service whose name stands for its ready endpoints.
func (z *zone) headless(name string, endpointSlices []*discovery.EndpointSlice) {
	z.add(name)
	var known []string
	for _, slice := range endpointSlices {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready != nil && !*endpoint.Conditions.Ready {
				continue
			}
			for _, text := range endpoint.Addresses {
				address, err := netip.ParseAddr(text)
				if err != nil {
					continue
				}
				own := strings.NewReplacer(".", "-", ":", "-").Replace(text)
				if endpoint.Hostname != nil && *endpoint.Hostname != "" {
					own = *endpoint.Hostname
				}
				full := own + "." + name
				if slices.Contains(known, full+text) {
					continue // two slices may hold one endpoint while it moves
				}
				known = append(known, full+text)
				z.add(name, addressRecord(address))
				z.add(full, addressRecord(address))
				z.reverse(address, full)
				for _, port := range slice.Ports {
					if port.Name != nil && port.Port != nil && port.Protocol != nil {
						z.port(name, *port.Name, *port.Protocol, uint16(*port.Port), full)
					}
				}
			}
		}
	}
}

func (z *zone) port(name, port string, protocol core.Protocol, number uint16, target string) {
	if port == "" {
		return
	}
	parsed, err := dnsmessage.NewName(target)
	if err != nil {
		return
	}
	z.add("_"+port+"._"+string(protocol)+"."+name,
		record{dnsmessage.TypeSRV, &dnsmessage.SRVResource{Priority: 0, Weight: 100, Port: number, Target: parsed}})
}

func (z *zone) reverse(address netip.Addr, target string) {
	parsed, err := dnsmessage.NewName(target)
	if err != nil || !address.Is4() {
		return
	}
	digits := strings.Split(address.String(), ".")
	slices.Reverse(digits)
	z.add(strings.Join(digits, ".")+".in-addr.arpa.", record{dnsmessage.TypePTR, &dnsmessage.PTRResource{PTR: parsed}})
}

func addressRecord(address netip.Addr) record {
	if address.Is4() {
		return record{dnsmessage.TypeA, &dnsmessage.AResource{A: address.As4()}}
	}
	return record{dnsmessage.TypeAAAA, &dnsmessage.AAAAResource{AAAA: address.As16()}}
}
