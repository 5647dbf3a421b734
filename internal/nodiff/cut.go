package nodiff

import (
	"bytes"

	"wafer/internal/image"
	"wafer/internal/machine"
	"wafer/internal/sim"
)

// saved is a run as it was when its checkpoint was written.
type saved struct {
	file   bytes.Buffer
	err    error
	ended  uint64
	events int
}

// save writes the checkpoint, the first time that it is asked to.
func (o *Outcome) save(s *sim.Sim) {
	if o.saved.file.Len() == 0 && o.saved.err == nil {
		o.saved.err = s.Save(&o.saved.file, nil)
		o.saved.ended, o.saved.events = o.Ended, len(o.Events)
	}
}

// resume makes a simulation from the checkpoint and forgets what came behind it.
func (o *Outcome) resume(im *image.Image, m *machine.Machine, opt sim.Options) (*sim.Sim, error) {
	if o.saved.err != nil {
		return nil, o.saved.err
	}
	s, _, err := sim.Load(&o.saved.file, im, m, opt)
	o.Ended, o.Events = o.saved.ended, o.Events[:o.saved.events]
	o.saved = nil
	return s, err
}
