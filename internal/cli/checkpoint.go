package cli

import (
	"fmt"
	"io"

	"wafer/internal/host"
	"wafer/internal/sim"
)

// keeping says when the state of a run is written to a file.
type keeping struct {
	Checkpoint      string `help:"Keep the state of the run in this file: at its end, when it is interrupted or reaches --cycles, and every --checkpoint-every cycles." type:"path" placeholder:"FILE"`
	CheckpointEvery int64  `help:"Write --checkpoint every so many cycles as well." placeholder:"N"`
}

// keeper writes checkpoints of a device.
type keeper struct {
	d     *device
	path  string
	err   io.Writer
	last  int64 // cycle of the checkpoint in the file, -1 for none
	early bool  // the run did not come to its end
}

// newKeeper sets the hooks at which checkpoints are written.
func newKeeper(d *device, o keeping, errw io.Writer, so *sim.Options, ho *host.Options) *keeper {
	k := &keeper{d: d, path: o.Checkpoint, err: errw, last: -1}
	if k.path == "" {
		return k
	}
	ho.OnBreak = func() {
		if k.early = k.save() == nil; k.early {
			fmt.Fprintf(k.err, "wafer: the state at cycle %d is in %s; --resume goes on from there\n", k.last, k.path)
		}
	}
	if o.CheckpointEvery > 0 {
		so.CheckpointCycles = o.CheckpointEvery
		so.Checkpoint = func() { _ = k.save() }
	}
	return k
}

// save writes a checkpoint. A run is worth more than one of them: what goes wrong is
// told and the run goes on.
func (k *keeper) save() error {
	err := k.d.Save(k.path)
	if err != nil {
		k.d.line.end()
		fmt.Fprintf(k.err, "wafer: %v\n", err)
		return err
	}
	k.last = k.d.Cycle()
	return nil
}

// end writes the checkpoint at the end of a run. After a fault the last one from
// before it is worth more, so it stays.
func (k *keeper) end(run error) error {
	switch {
	case k.path == "" || k.early:
	case run == nil:
		if err := k.d.Save(k.path); err != nil {
			return &fault{code: ExitSystem, err: err}
		}
	case k.last >= 0:
		fmt.Fprintf(k.err, "wafer: the state at cycle %d is in %s\n", k.last, k.path)
	}
	return nil
}
