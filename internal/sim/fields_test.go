package sim_test

import (
	"bytes"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"wafer/internal/sim"
	"wafer/internal/sim/nodiff"
	"wafer/internal/sim/simtest"
	"wafer/internal/sim/state"
)

// notKept lists the fields of the simulation that a checkpoint leaves out, each with
// what makes it again. Whoever adds a field visits it in state.go or lists it here.
var notKept = map[string]string{
	"sim.Sim.im": "given to Load", "sim.Sim.m": "given to Load", "sim.Sim.opt": "given to Load; the seed is kept",
	"sim.Sim.ports": "made from the image", "sim.Sim.team": "threads", "sim.Sim.pace": "threads",
	"sim.Sim.id": "made from image and machine", "sim.Sim.keepAt": "follows from the cycle",
	"sim.band.y0": "how the rectangle is cut",

	"fabric.Grid.W": "how the rectangle is cut", "fabric.Grid.H": "how the rectangle is cut", "fabric.Grid.Y0": "how the rectangle is cut",
	"fabric.Grid.Net": "machine", "fabric.Grid.Arch": "machine", "fabric.Grid.hop": "machine", "fabric.Grid.buffer": "machine",
	"fabric.Grid.step1": "how the rectangle is cut", "fabric.Grid.Plainly": "options", "fabric.Grid.settled": "order of channels in memory",
	"fabric.Grid.keys": "made with the channels", "fabric.Grid.next": "one of due", "fabric.Grid.out": "of the cycle that ended",
	"fabric.Grid.NewRamp": "set by the cluster", "fabric.Grid.hostOut": "image", "fabric.Grid.portAt": "image", "fabric.Grid.InPorts": "image",
	"fabric.Grid.Torn": "empty between cycles", "fabric.Grid.Clashes": "empty between cycles",
	"fabric.Grid.Up": "borders: counts follow from the channels behind, lists are empty between cycles", "fabric.Grid.Down": "as Up",
	"fabric.Bits.sum":      "follows from words",
	"fabric.channel.place": "order of channels in memory", "fabric.channel.tile": "where it is kept", "fabric.channel.from": "neighbour",
	"fabric.channel.to": "way", "fabric.channel.way": "looked up again", "fabric.channel.out": "way",
	"fabric.Table.own": "whether there is one", "fabric.Entry.Filter": "image",
	"fabric.router.first": "order of channels in memory", "fabric.router.room": "order of channels in memory",
	"fabric.router.full": "channels with wavelets", "fabric.router.n": "counts channels", "fabric.router.held": "counts channels", "fabric.router.sides": "neighbours and ports",
	"fabric.Port.Tile": "image", "fabric.Port.Dir": "image", "fabric.Port.Color": "image", "fabric.Port.Input": "image",
	"fabric.Port.before": "image", "fabric.Port.lent": "to bursts", "fabric.Port.TryAt": "when to look for bursts", "fabric.Queue.cap": "machine", "fabric.Queue.Depth": "machine",
	"fabric.filterState.color": "image", "image.Filter.Kind": "image", "image.Filter.CountData": "image", "image.Filter.CountCtrl": "image",
	"image.Filter.OnlyCtrl": "image", "image.Filter.Init": "image",

	"pe.Cluster.Grid": "walked as sim.band.net", "pe.Cluster.M": "machine", "pe.Cluster.W": "image", "pe.Cluster.H": "image", "pe.Cluster.FP": "image",
	"pe.Cluster.Now": "sim.Sim.now", "pe.Cluster.tariff": "machine", "pe.Cluster.progs": "image", "pe.Cluster.of": "image",
	"pe.Cluster.cur": "of the cycle that ended", "pe.Cluster.Faults": "handed over by collect", "pe.Cluster.Prints": "handed over by collect",
	"pe.Cluster.Events": "handed over by collect", "pe.Cluster.Trace": "options", "pe.Cluster.Traced": "options",
	"pe.Cluster.Owed": "counts cores", "pe.Cluster.Seed": "sim.Sim.opt", "pe.Cluster.Ahead": "set by Run", "pe.Cluster.Plainly": "options",
	"pe.Cluster.late": "false between visits", "pe.Cluster.due": "of the cycle that ended", "pe.Cluster.scratch": "of one instruction", "pe.Cluster.Live": "counts cores",
	"pe.Cluster.Bursts":  "for tests",
	"pe.Cluster.springs": "of the cycle that ended", "pe.Cluster.bursts": "none between cycles at which somebody looks",
	"pe.Cluster.spare": "of bursts", "pe.Cluster.ends": "of bursts", "pe.Cluster.taken": "of one burst", "pe.Cluster.made": "of one burst", "pe.Cluster.row16": "of one burst", "pe.Core.away": "in a burst",
	"pe.Core.spring": "looked up again", "pe.op.tryAt": "when to look for bursts", "fabric.router.lent": "to bursts", "fabric.Grid.Disturbed": "bursts", "fabric.Grid.spare": "memory for later",
	"pe.timers.n": "counts", "pe.timers.out": "of the cycle that ended",
	"pe.Core.tile": "where it is kept", "pe.Core.x": "where it is kept", "pe.Core.y": "where it is kept", "pe.Core.lane": "looked up again", "pe.Core.laneIn": "looked up again",
	"pe.Core.ramp": "walked as fabric.Grid.Ramps", "pe.Core.prog": "image", "pe.Core.spare": "memory for later",
	"pe.Fault.Tile": "where it is kept", "pe.Fault.X": "where it is kept", "pe.Fault.Y": "where it is kept",
	"pe.op.plain": "looked up again", "pe.op.lanes": "looked up again", "pe.op.in": "looked up again",
	"pe.dsr.set":   "which registers are kept",
	"pe.mapping.d": "its number in the program is kept",
}

// fieldTries is how many instances of a field are tried in one state, statesTried how
// many states of one run are looked at, beside the last.
const (
	fieldTries  = 60
	statesTried = 40
)

// walk changes one field after the other of a live simulation and notes those that
// change its checkpoint.
type walk struct {
	s       *sim.Sim
	script  *simtest.Script
	plain   []byte
	seen    map[string]bool
	tries   map[string]int
	visited map[unsafe.Pointer]bool
}

func (w *walk) save() []byte {
	var b bytes.Buffer
	defer func() { _ = recover() }() // a changed index may lead nowhere: it was looked at
	if err := w.s.Save(&b, nil); err != nil {
		return nil
	}
	return b.Bytes()
}

// comesBack reports whether a change is still there after loading: an untouched tile
// that is written because of it must hold it as well. Changes that make a checkpoint
// impossible to load were looked at.
func (w *walk) comesBack(b []byte) bool {
	s, _, err := sim.Load(bytes.NewReader(b), w.script.Image, w.script.Machine, sim.Options{Workers: 1})
	if err != nil {
		return true
	}
	var again bytes.Buffer
	return s.Save(&again, nil) == nil && bytes.Equal(again.Bytes(), b)
}

func (w *walk) leaf(key string, v reflect.Value) {
	if w.seen[key] || w.tries[key] >= fieldTries {
		return
	}
	w.tries[key]++
	old := reflect.New(v.Type()).Elem()
	old.Set(v)
	switch {
	case v.CanInt():
		v.SetInt(v.Int() ^ 1)
	case v.CanUint():
		v.SetUint(v.Uint() ^ 1)
	case v.Kind() == reflect.Bool:
		v.SetBool(!v.Bool())
	case v.Kind() == reflect.String:
		v.SetString(v.String() + "x")
	}
	if b := w.save(); !bytes.Equal(b, w.plain) && w.comesBack(b) {
		w.seen[key] = true
	}
	v.Set(old)
}

func (w *walk) value(key string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		if p := v.UnsafePointer(); p != nil && !w.visited[p] {
			w.visited[p] = true
			w.value(key, v.Elem())
		}
	case reflect.Struct:
		if own := v.FieldByName("own"); v.Type().String() == "fabric.Table" && !own.Bool() {
			return // shared with other tiles: from the image
		}
		for i := range v.NumField() {
			name := fieldName(v.Type(), i)
			if f := v.Field(i); notKept[name] == "" {
				w.value(name, reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem())
			}
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			w.value(key, v.Index(i))
		}
	default:
		w.leaf(key, v)
	}
}

func fieldName(t reflect.Type, i int) string { return t.String() + "." + t.Field(i).Name }

// fields lists the fields that make up a value of type t, but those that are not kept.
func fields(t reflect.Type, key string, all, types map[string]bool) {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		fields(t.Elem(), key, all, types)
	case reflect.Struct:
		if types[t.String()] {
			return
		}
		types[t.String()] = true
		for i := range t.NumField() {
			if name := fieldName(t, i); notKept[name] == "" {
				fields(t.Field(i).Type, name, all, types)
			}
		}
	default:
		all[key] = true
	}
}

// TestEveryFieldIsKept changes every field of running simulations and looks whether
// their checkpoints change. A field that no checkpoint has and notKept does not
// explain would be lost by a resume.
func TestEveryFieldIsKept(t *testing.T) {
	all, types := map[string]bool{}, map[string]bool{}
	fields(reflect.TypeFor[sim.Sim](), "", all, types)
	seen := map[string]bool{}
	texts := map[string]string{}
	names, err := filepath.Glob("simtest/testdata/*.sim")
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	for _, n := range names {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		texts[n] = string(text)
	}
	for seed := range uint64(3) {
		name := fmt.Sprint("random ", seed)
		names, texts[name] = append(names, name), nodiff.Script(seed)
	}
	for _, n := range names {
		script, err := simtest.Assemble(texts[n])
		if err != nil {
			t.Fatal(err)
		}
		for _, plain := range []bool{false, true} {
			opt := sim.Options{Workers: 1, StepByStep: plain, CheckpointCycles: 1 + int64(boolInt(plain))*6}
			states := 0
			err := simtest.RunWatched(texts[n], opt, func(s *sim.Sim) {
				if states++; states > statesTried || len(seen) == len(all) {
					return
				}
				w := &walk{s: s, script: script, seen: seen, tries: map[string]int{}, visited: map[unsafe.Pointer]bool{}}
				w.plain = w.save()
				w.value("", reflect.ValueOf(s))
			})
			if err != nil {
				t.Fatalf("%s: %v", n, err)
			}
		}
	}
	for _, key := range sorted(all) {
		if !seen[key] {
			t.Errorf("%s is not in a checkpoint: visit it in state.go of its package, or list it in notKept with what makes it again", key)
		}
	}
	for _, key := range sorted(notKept) {
		if typ, _, _ := cutLast(key); !types[typ] {
			t.Errorf("notKept lists %s, and no such type is part of a simulation", key)
		}
	}
}

// kept is a hash of the fields that a checkpoint of state.Version keeps.
const kept = 0xdfae8288fd5bff90

// TestVersionOfForm makes sure that the number of the form goes up with the fields: an
// old checkpoint must be refused, not misread.
func TestVersionOfForm(t *testing.T) {
	all, types := map[string]bool{}, map[string]bool{}
	fields(reflect.TypeFor[sim.Sim](), "", all, types)
	h := fnv.New64a()
	fmt.Fprint(h, state.Version, sorted(all))
	if h.Sum64() != kept {
		t.Errorf("the fields of a simulation have changed: raise state.Version if a version with the old ones is out, and set kept to %#x", h.Sum64())
	}
}

func cutLast(key string) (before, after string, ok bool) {
	i := strings.LastIndexByte(key, '.')
	return key[:i], key[i+1:], true
}

func sorted[V any](m map[string]V) (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
