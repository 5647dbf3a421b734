package fabric

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"wafer/internal/image"
	"wafer/internal/machine"
)

// The order of service, whatever the number of channels: ascending from turn on, then
// from the beginning.
func TestOrderOfService(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		n := 1 + rnd.IntN(machine.Colors*machine.Dirs)
		turn := uint8(rnd.IntN(n + 1))
		var p places
		var behind, before []uint8
		for i := range uint8(n) {
			switch {
			case rnd.IntN(3) > 0:
				continue
			case i >= turn:
				behind = append(behind, i)
			default:
				before = append(before, i)
			}
			p.add(i)
		}
		var got []uint8
		for i := range parts(uint8(n)) {
			w, start, of := part(uint8(n), turn, i)
			for m := bits.RotateLeft64(p[w], -int(start)) & of; m != 0; m &= m - 1 {
				got = append(got, w<<6|(start+uint8(bits.TrailingZeros64(m)))&63)
			}
		}
		if want := append(behind, before...); !slices.Equal(got, want) {
			t.Fatalf("%d channels, turn %d: %v, want %v", n, turn, got, want)
		}
	}
}

// Channels are opened in any order, at any router, and found again; those that hold
// something stay marked, and the turn stays behind the channel that was served last.
func TestChannelsKeepTheirPlaces(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	const w, h = 3, 4
	tables := make([]*Table, w*h)
	for i := range tables {
		tables[i] = NewTable(&image.RouteSet{})
	}
	g := New(w, h, 0, machine.Default(machine.WSE2), tables)
	var keys []int // tile, then key
	for tile := range w * h {
		for key := range machine.Colors << 3 {
			if key&7 < machine.Dirs {
				keys = append(keys, tile<<8|key)
			}
		}
	}
	rnd.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
	served := map[int32]uint8{}
	full := map[int]bool{}
	for k, key := range keys {
		tile, d, c := int32(key>>8), machine.Dir(key&7), uint8(key>>3&31)
		i := g.open(tile, d, c)
		switch rnd.IntN(3) {
		case 0:
			g.put(tile, d, c, Word{Data: uint32(key)}, 1)
			full[key] = true
		case 1:
			g.routers[tile].turn = g.chans[i].place + 1
			served[tile] = uint8(key)
		}
		if k%100 == 99 {
			g.settle()
		}
	}
	for _, key := range keys {
		tile := int32(key >> 8)
		r := &g.routers[tile]
		i := g.find(tile, machine.Dir(key&7), uint8(key>>3&31))
		if i == None || g.chans[i].key != uint8(key) || g.keys[i] != uint8(key) || int32(g.chans[i].place) != i-r.first || g.chans[i].tile != tile {
			t.Fatalf("tile %d, key %d: channel %d is %+v", tile, uint8(key), i, g.chans[i])
		}
		p := places{1 << g.chans[i].place, 1 << (g.chans[i].place - 64)}
		if is := (p[0]&r.full[0] | p[1]&r.full[1]) != 0; is != full[key] {
			t.Errorf("tile %d, key %d holds something: %v, marked: %v", tile, uint8(key), full[key], is)
		}
		if last, ok := served[tile]; ok && (g.chans[i].place < r.turn) != (uint8(key) <= last) {
			t.Errorf("tile %d: turn %d, key %d at %d, served last %d", tile, r.turn, uint8(key), g.chans[i].place, last)
		}
	}
}
