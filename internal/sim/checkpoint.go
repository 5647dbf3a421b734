package sim

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"wafer/internal/diag"
	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim/fabric"
	"wafer/internal/sim/pe"
	"wafer/internal/sim/state"
)

// Limits of a checkpoint beside those of its parts.
const (
	// MaxNote bounds what the host adds.
	MaxNote = 64 << 20
	// MaxNoted bounds the faults, prints and lost wavelets of a run.
	MaxNoted    = 1 << 30
	maxNoteText = 1 << 24
)

// The codes of what can be wrong with a checkpoint.
const (
	CodeNoCheckpoint  diag.Code = "S0005"
	CodeOtherVersion  diag.Code = "S0006"
	CodeTruncated     diag.Code = "S0007"
	CodeDamaged       diag.Code = "S0008"
	CodeOtherProgram  diag.Code = "S0009"
	CodeOtherMachine  diag.Code = "S0010"
	CodeOtherSeed     diag.Code = "S0011"
	cureOtherProgram            = "resume with the output directory that the checkpoint was made from; a program that was compiled again from other text starts afresh"
	cureDamagedOrLost           = "use an earlier checkpoint, or run the program from its beginning"
)

// keep calls Options.Checkpoint when its time has come. Times are multiples of the
// distance, so that they do not depend on where Run was called.
func (s *Sim) keep() {
	every := s.opt.CheckpointCycles
	if every <= 0 {
		every = DefaultProgress
	}
	if s.keepAt == 0 {
		s.keepAt = (s.now-1)/every*every + every
	}
	if s.now >= s.keepAt {
		s.keepAt = s.now/every*every + every
		for i := range s.bands {
			s.bands[i].cores.Return(s.now, true)
		}
		s.opt.Checkpoint()
	}
}

// identity is what a checkpoint belongs to.
type identity struct {
	image, machine [sha256.Size]byte
	name           string // of the machine, for people
}

// identify hashes what decides how a run goes on. Names and the clock of a machine
// do not.
func identify(im *image.Image, m *machine.Machine) (id identity, err error) {
	h := &header{}
	if err := image.Encode(h, im); !errors.Is(err, errEnough) {
		return id, fmt.Errorf("hash the program: %w", err)
	}
	copy(id.image[:], h.sum)
	k := *m
	k.Name, k.Base, k.ClockMHz = "", "", 0
	text, err := json.Marshal(&k)
	if err != nil {
		return id, fmt.Errorf("hash the machine: %w", err)
	}
	id.machine, id.name = sha256.Sum256(text), m.Name
	return id, nil
}

// header takes the head of an image file, in which its hash stands, and no more.
type header struct{ sum []byte }

var errEnough = errors.New("enough")

func (h *header) Write(b []byte) (int, error) {
	h.sum = b[len(b)-sha256.Size:]
	return 0, errEnough
}

// Save writes everything that the rest of the run depends on to w, and note, which
// Load gives back. It is called between two calls of Run or from Options.Checkpoint.
// The run goes on as if nothing had been written.
func (s *Sim) Save(w io.Writer, note []byte) error {
	if s.id == nil {
		id, err := identify(s.im, s.m)
		if err != nil {
			return err
		}
		s.id = &id
	}
	id := *s.id
	s.collect()
	c := state.NewWriter(w)
	id.visit(c)
	s.visit(c, &note)
	return c.Close()
}

// Load makes a simulation that goes on where Save was called, with whatever workers
// and hooks opt has. Memory, results, cycles, prints and faults of what follows are
// those of the run that was saved. Events come from here on: what a core had done
// ahead of the clock in a run without Trace is not traced again.
func Load(r io.Reader, im *image.Image, m *machine.Machine, opt Options) (*Sim, []byte, error) {
	id, err := identify(im, m)
	if err != nil {
		return nil, nil, err
	}
	c := state.NewReader(r)
	was := id
	was.visit(c)
	if err := c.Err(); err != nil {
		return nil, nil, explain(err)
	}
	if err := id.same(&was); err != nil {
		return nil, nil, err
	}
	s, err := New(im, m, opt)
	if err != nil {
		return nil, nil, err
	}
	s.id = &id
	var note []byte
	seed := s.visit(c, &note)
	if err := c.Close(); err != nil {
		return nil, nil, explain(err)
	}
	if opt.Seed != 0 && opt.Seed != seed {
		return nil, nil, diag.Diagnostic{
			Code: CodeOtherSeed, Message: fmt.Sprintf("the checkpoint is of a run with seed %d and this one has %d", seed, opt.Seed),
			Cure: "give the same seed, or none: then that of the checkpoint is taken",
		}
	}
	return s, note, nil
}

// Restore makes s go on where Save was called, with its own options. When it fails
// s is as it was.
func (s *Sim) Restore(r io.Reader) ([]byte, error) {
	opt := s.opt
	n, note, err := Load(r, s.im, s.m, opt)
	if err != nil {
		return nil, err
	}
	*s = *n
	return note, nil
}

func (id *identity) visit(c *state.Coder) {
	c.Raw(id.image[:])
	c.Raw(id.machine[:])
	c.Text(&id.name, maxNoteText)
}

func (id *identity) same(was *identity) error {
	switch {
	case id.image != was.image:
		return diag.Diagnostic{
			Code: CodeOtherProgram, Message: fmt.Sprintf("the checkpoint belongs to another program (%x…, this one is %x…)", was.image[:6], id.image[:6]),
			Cure: cureOtherProgram,
		}
	case id.machine != was.machine:
		return diag.Diagnostic{
			Code: CodeOtherMachine, Message: fmt.Sprintf("the checkpoint was made on machine %s and this is %s", was.name, id.name),
			Cure: "choose that machine: --profile=" + was.name,
		}
	}
	return nil
}

// explain turns a problem with a file into a diagnostic.
func explain(err error) error {
	p := new(state.Problem)
	if !errors.As(err, &p) {
		return err
	}
	d := diag.Diagnostic{Message: "the checkpoint cannot be read: " + p.Error(), Cure: cureDamagedOrLost}
	switch p.Kind {
	case state.Foreign:
		d.Code, d.Message, d.Cure = CodeNoCheckpoint, "this is no checkpoint of a simulation", "name a file that --checkpoint or save() wrote"
	case state.Other:
		d.Code, d.Cure = CodeOtherVersion, "resume with the wafer that wrote it, or run the program from its beginning"
	case state.Truncated:
		d.Code = CodeTruncated
	default:
		d.Code = CodeDamaged
	}
	return d
}

// visit writes or reads what stands behind the identity, and gives the seed.
func (s *Sim) visit(c *state.Coder, note *[]byte) (seed uint64) {
	seed = s.opt.Seed
	state.Num(c, &seed)
	state.Num(c, &s.now)
	c.Now = s.now
	c.Bytes(note, MaxNote)
	if c.Reading() && s.now < 0 {
		c.Fail("cycle %d", s.now)
	}
	state.Slice(c, &s.faults, MaxNoted, func(f *Fault) { f.visit(c) })
	state.Slice(c, &s.prints, MaxNoted, func(p *Print) { p.visit(c) })
	s.visitTraffic(c)
	for i := range s.ports {
		s.port(i).Visit(c)
	}
	s.visitTiles(c)
	if c.Reading() {
		s.loaded(seed)
	}
	return seed
}

func (f *Fault) visit(c *state.Coder) {
	state.Num(c, &f.X, &f.Y)
	state.Num(c, &f.Cycle)
	state.Num(c, &f.PC)
	c.Text(&f.Code, maxNoteText)
	c.Text(&f.Message, maxNoteText)
	c.Text(&f.Place, maxNoteText)
}

func (p *Print) visit(c *state.Coder) {
	state.Num(c, &p.X, &p.Y)
	state.Num(c, &p.Cycle)
	c.Text(&p.Text, maxNoteText)
}

// where finds the band of a tile of the rectangle.
func (s *Sim) where(tile int) (*band, int32) {
	w := s.im.Rect.W
	if tile < 0 || tile >= w*s.im.Rect.H {
		return nil, 0
	}
	return s.at(tile%w, tile/w)
}

// visitTraffic moves what belongs to no single tile: counters, lost wavelets, and
// what the host is sending.
func (s *Sim) visitTraffic(c *state.Coder) {
	hops, tried := s.Hops(), true
	var lost []fabric.Lost
	var tiles []int64
	streams := 0
	for i := range s.bands {
		g := s.bands[i].net
		tried = tried && g.Tried()
		for _, l := range g.Lost {
			lost, tiles = append(lost, l), append(tiles, int64(l.Tile)+int64(g.Y0*g.W))
		}
		streams += len(g.Streams())
	}
	state.Num(c, &hops)
	c.Bool(&tried)
	n := 0
	state.Slice(c, &lost, MaxNoted, func(l *fabric.Lost) {
		if c.Reading() {
			tiles = append(tiles, 0)
		}
		l.Visit(c, &tiles[n])
		n++
	})
	streams = c.Len(streams, len(s.im.Tiles)*machine.Colors)
	if !c.Reading() {
		for i := range s.bands {
			for _, x := range s.bands[i].net.Streams() {
				fabric.VisitStream(c, s.bands[i].net, x, nil)
			}
		}
		return
	}
	for i := 0; i < streams && c.OK(); i++ {
		fabric.VisitStream(c, nil, nil, func(tile int) (*fabric.Grid, int32) {
			if b, t := s.where(tile); b != nil {
				return b.net, t
			}
			return nil, 0
		})
	}
	s.bands[0].net.Hops = hops
	for i := range s.bands {
		s.bands[i].net.SetTried(tried)
	}
	for i, l := range lost {
		b, t := s.where(int(tiles[i]))
		if b == nil {
			c.Fail("wavelets lost at tile %d", tiles[i])
			return
		}
		l.Tile = t
		b.net.Lost = append(b.net.Lost, l)
	}
}

// visitTiles moves routers and cores. Tiles that nothing has touched are counted,
// not written: a wafer has many.
func (s *Sim) visitTiles(c *state.Coder) {
	keep := make([]*pe.Keeper, len(s.bands))
	for i := range s.bands {
		keep[i] = s.bands[i].cores.Keep(s.now)
	}
	i, t := 0, int32(0) // band and tile of it
	for skip := 0; c.OK(); skip = 0 {
		if !c.Reading() {
			skip = s.untouched(keep, i, t)
		}
		state.Below(c, &skip, len(s.im.Tiles)+1)
		for ; skip > 0 && i < len(s.bands); skip-- {
			i, t = s.following(i, t)
		}
		if i == len(s.bands) {
			if skip > 0 {
				c.Fail("more tiles than the rectangle has")
			}
			return
		}
		keep[i].Visit(c, t)
		s.bands[i].net.Visit(c, t)
		i, t = s.following(i, t)
	}
}

// following gives the tile behind tile t of band i.
func (s *Sim) following(i int, t int32) (int, int32) {
	if t++; int(t) < s.bands[i].net.Tiles() {
		return i, t
	}
	return i + 1, 0
}

// untouched counts tiles from tile t of band i on that hold nothing.
func (s *Sim) untouched(keep []*pe.Keeper, i int, t int32) (n int) {
	for ; i < len(s.bands); n++ {
		if s.bands[i].net.Touched(t) || keep[i].Touched(t) {
			return n
		}
		i, t = s.following(i, t)
	}
	return n
}

// loaded makes what follows from the tiles.
func (s *Sim) loaded(seed uint64) {
	s.opt.Seed = seed
	for i := range s.bands {
		b := &s.bands[i]
		b.cores.Seed = seed
		b.cores.Loaded()
		b.net.Loaded(s.now)
	}
}
