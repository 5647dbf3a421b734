package sim

import "wafer/internal/sim/pe"

// The kinds of events. A task or operation begins at its event and ends at the
// next End event of the same core and slot; see Event.
const (
	EventTask    = pe.EventTask    // ID task id, -1 a host command; Arg function
	EventTaskEnd = pe.EventTaskEnd // ID task id; Arg function
	EventOp      = pe.EventOp      // ID slot: 0–7 microthread, 8 main; Arg image.DSDKindOp
	EventOpEnd   = pe.EventOpEnd
	EventMem     = pe.EventMem // a synchronous operation on memory: ID its cycles
	EventPrint   = pe.EventPrint
	EventFault   = pe.EventFault
)
