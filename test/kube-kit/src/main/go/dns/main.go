// SPDX-License-Identifier: Apache-2.0

// Command dns is a name server for the zone cluster.local, by Kubernetes' specification of DNS-based service discovery
// (version 1.1.0): Services, their endpoints, pods by address, and the way back. It knows no other zone.
package main

import (
	"bufio"
	"encoding/binary"
	"io"
	"log"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/net/dns/dnsmessage"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// settle is how long changes are collected before the zone is made anew.
const settle = 20 * time.Millisecond

func main() {
	config, err := rest.InClusterConfig()
	if err != nil {
		log.Fatal(err)
	}
	var current atomic.Pointer[zone]
	factory := informers.NewSharedInformerFactory(kubernetes.NewForConfigOrDie(config), 0)
	services := factory.Core().V1().Services()
	slices := factory.Discovery().V1().EndpointSlices()
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default: // one that waits is enough
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { notify() },
		UpdateFunc: func(any, any) { notify() },
		DeleteFunc: func(any) { notify() },
	}
	services.Informer().AddEventHandler(handler)
	slices.Informer().AddEventHandler(handler)
	rebuild := func() {
		allServices, _ := services.Lister().List(labels.Everything())
		allSlices, _ := slices.Lister().List(labels.Everything())
		current.Store(newZone(allServices, allSlices))
	}
	factory.Start(nil)
	factory.WaitForCacheSync(nil)
	rebuild()
	go func() {
		for range changed {
			time.Sleep(settle)
			rebuild()
		}
	}()

	respond := func(query []byte) []byte { return respond(current.Load(), query) }
	go serveStreams(respond)
	serveDatagrams(respond)
}

func serveDatagrams(respond func([]byte) []byte) {
	socket, err := net.ListenPacket("udp", ":53")
	if err != nil {
		log.Fatal(err)
	}
	buffer := make([]byte, 65535)
	for {
		length, client, err := socket.ReadFrom(buffer)
		if err != nil {
			log.Fatal(err)
		}
		if answer := respond(buffer[:length]); answer != nil {
			socket.WriteTo(answer, client)
		}
	}
}

func serveStreams(respond func([]byte) []byte) {
	listener, err := net.Listen("tcp", ":53")
	if err != nil {
		log.Fatal(err)
	}
	for {
		stream, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			defer stream.Close()
			in := bufio.NewReader(stream)
			for {
				var length uint16
				if binary.Read(in, binary.BigEndian, &length) != nil {
					return
				}
				query := make([]byte, length)
				if _, err := io.ReadFull(in, query); err != nil {
					return
				}
				answer := respond(query)
				if answer == nil {
					return
				}
				framed := binary.BigEndian.AppendUint16(nil, uint16(len(answer)))
				if _, err := stream.Write(append(framed, answer...)); err != nil {
					return
				}
			}
		}()
	}
}

// respond answers one query, or nothing if it is none.
func respond(z *zone, query []byte) []byte {
	var message dnsmessage.Message
	if message.Unpack(query) != nil || message.Response || len(message.Questions) != 1 {
		return nil
	}
	question := message.Questions[0]
	records, exists := z.find(strings.ToLower(question.Name.String()))
	reply := dnsmessage.Message{
		Header: dnsmessage.Header{
			ID: message.ID, Response: true, Authoritative: true,
			RecursionDesired: message.RecursionDesired, RecursionAvailable: true,
		},
		Questions: message.Questions,
	}
	if !exists {
		reply.RCode = dnsmessage.RCodeNameError
	}
	for _, record := range records {
		// An alias answers whatever was asked for.
		if record.kind == question.Type || record.kind == dnsmessage.TypeCNAME {
			reply.Answers = append(reply.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: question.Name, Type: record.kind, Class: dnsmessage.ClassINET, TTL: 1},
				Body:   record.body,
			})
		}
	}
	packed, err := reply.Pack()
	if err != nil {
		return nil
	}
	return packed
}
