package sema

import (
	"slices"
	"strings"

	"wafer/internal/csl/syntax"
	"wafer/internal/image"
)

// builtinFn evaluates one builtin.
type builtinFn func(s *sema, e *syntax.Builtin, want *Type) Operand

// simple wraps a builtin that the wanted type does not concern.
func simple(f func(*sema, *syntax.Builtin) Operand) builtinFn {
	return func(s *sema, e *syntax.Builtin, _ *Type) Operand { return f(s, e) }
}

// builtinTable lists every builtin but the data operations, which image.DSDTable
// lists.
func builtinTable() map[string]builtinFn {
	return map[string]builtinFn{
		"activate": simple((*sema).activate), "allocate_fifo": simple((*sema).allocateFifo), "as": simple((*sema).as),
		"assert": simple((*sema).assert), "bind_control_task": simple((*sema).bindTask),
		"bind_data_task": simple((*sema).bindTask), "bind_local_task": simple((*sema).bindTask),
		"bind_rotating_tasks": simple((*sema).bindRotating), "bind_task": simple((*sema).bindTask),
		"bitcast": simple((*sema).bitcast), "block": simple((*sema).blockTask),
		"comptime_assert": simple((*sema).comptimeAssert), "comptime_print": simple((*sema).comptimePrint),
		"concat_structs": simple((*sema).concatStructs), "constants": simple((*sema).constants),
		"dfilt": simple((*sema).dfilt), "dimensions": simple((*sema).dimensions),
		"element_count": simple((*sema).elementCount), "element_type": simple((*sema).elementType),
		"export_name": simple((*sema).exportName), "export_symbol": simple((*sema).exportSymbol),
		"field": simple((*sema).field), "fp16": simple((*sema).fp16Type), "get_array": simple((*sema).getArray),
		"get_color": simple((*sema).getColor), "get_config": simple((*sema).getConfig),
		"get_config_unchecked": simple((*sema).getConfig), "get_control_task_id": simple((*sema).getID),
		"get_data_task_id": simple((*sema).getDataTaskID), "get_dsd": simple((*sema).getDSD),
		"get_dsr": simple((*sema).getDSR), "get_filter_id": simple((*sema).getFilterID),
		"get_input_queue": simple((*sema).getID), "get_int": simple((*sema).getInt),
		"get_local_task_id": simple((*sema).getID), "get_output_queue": simple((*sema).getID),
		"get_rectangle": simple((*sema).getRectangle), "get_sr": simple((*sema).getSR),
		"get_string_from_byte": simple((*sema).stringFromByte), "get_symbol_id": simple((*sema).getSymbolID),
		"get_symbol_value": simple((*sema).rpcBuiltin), "get_tensor_ptr": simple((*sema).rpcBuiltin),
		"get_ut_id": simple((*sema).getID), "get_xdsr": simple((*sema).getSR), "has_exported_tensors": simple((*sema).hasExported),
		"has_field": simple((*sema).hasField), "import_comptime_value": simple((*sema).importValue),
		"import_module": simple((*sema).importModule), "increment_dsd_offset": simple((*sema).incrementDSD),
		"initialize_queue": simple((*sema).initializeQueue), "is_arch": simple((*sema).isArch),
		"is_comptime": simple((*sema).isComptime), "is_same_type": simple((*sema).isSameType),
		"load_to_dsr": simple((*sema).loadToDSR), "load_to_dsr_xdsr": simple((*sema).loadToDSR),
		"load_to_dsr_xdsr_sr": simple((*sema).loadToDSR), "map": simple((*sema).mapOp),
		"ptrcast": simple((*sema).ptrcast), "queue_flush": simple((*sema).queueFlush),
		"random16": simple((*sema).random16), "range": simple((*sema).rangeExpr),
		"range_start": simple((*sema).rangePart), "range_step": simple((*sema).rangePart), "range_stop": simple((*sema).rangePart),
		"rank": simple((*sema).rank), "rpc": simple((*sema).rpc), "set_active_prng": simple((*sema).setPRNG),
		"set_color_config": simple((*sema).setColorConfig), "set_config": simple((*sema).setConfig),
		"set_config_unchecked": simple((*sema).setConfig), "set_control_task_table": simple((*sema).setControlTable),
		"set_dsd_base_addr": simple((*sema).setDSDBase), "set_dsd_length": simple((*sema).setDSDLength),
		"set_dsd_stride": simple((*sema).setDSDStride), "set_dsr_base_addr": simple((*sema).setDSRBase),
		"set_empty_queue_handler": simple((*sema).setEmptyHandler), "set_fifo_read_length": simple((*sema).setFifoLength),
		"set_fifo_write_length": simple((*sema).setFifoLength), "set_local_color_config": simple((*sema).setLocalColorConfig),
		"set_rectangle": simple((*sema).setRectangle), "set_teardown_handler": simple((*sema).setTeardownHandler),
		"set_tile_code": simple((*sema).setTileCode), "strcat": simple((*sema).strcat), "strlen": simple((*sema).strlen),
		"type_of": simple((*sema).typeOfExpr), "unblock": simple((*sema).blockTask), "zeros": simple((*sema).zeros),
		"wafer_done": simple((*sema).waferDone), "wafer_print": simple((*sema).waferPrint), "wafer_print_tuple": simple((*sema).waferPrintTuple), "wafer_time": simple((*sema).waferTime),
		"wafer_timer": simple((*sema).waferTimer), "wafer_pe": simple((*sema).waferPE), "wafer_sqrt": simple((*sema).waferSqrt),
		"wafer_fma": simple((*sema).waferFMA), "wafer_flush": simple((*sema).queueFlush),
		"wafer_host_color": simple((*sema).waferHostColor), "wafer_seed": simple((*sema).waferSeed),
	}
}

func (s *sema) builtin(e *syntax.Builtin, want *Type) Operand {
	s.at = e.Pos()
	f, ok := s.builtins[e.Name]
	if ok {
		if strings.HasPrefix(e.Name, "wafer_") && !s.fr.mod.file.lib {
			return s.err(e.Pos(), EPrivate, "@%s is reserved for the libraries", e.Name)
		}
		return f(s, e, want)
	}
	if k, ok := s.dsdOps[e.Name]; ok {
		return s.dsdOp(e, k)
	}
	names := make([]string, 0, len(s.builtins)+len(s.dsdOps))
	for n := range s.builtins {
		if !strings.HasPrefix(n, "wafer_") {
			names = append(names, n)
		}
	}
	for n := range s.dsdOps {
		names = append(names, n)
	}
	slices.Sort(names)
	cure := ""
	if n := nearest(e.Name, names); n != "" {
		cure = "did you mean '@" + n + "'?"
	}
	return s.errCure(e.Pos(), EBuiltin, cure, "there is no builtin '@%s'", e.Name)
}

// dsdOpNames maps builtin names to data operations.
func dsdOpNames() map[string]image.DSDKindOp {
	m := map[string]image.DSDKindOp{}
	for i, d := range image.DSDTable {
		if d.Name != "" {
			m[d.Name] = image.DSDKindOp(i)
		}
	}
	return m
}

// args checks the number of arguments.
func (s *sema) args(e *syntax.Builtin, lo, hi int) bool {
	if len(e.Args) >= lo && len(e.Args) <= hi {
		return true
	}
	s.argCount(e, lo, hi)
	return false
}

func (s *sema) argCount(e *syntax.Builtin, lo, hi int) Operand {
	if lo == hi {
		return s.err(e.Pos(), EArgs, "@%s takes %d arguments, not %d", e.Name, lo, len(e.Args))
	}
	return s.err(e.Pos(), EArgs, "@%s takes %d to %d arguments, not %d", e.Name, lo, hi, len(e.Args))
}

// atTop reports a builtin used outside a top-level comptime block.
func (s *sema) atTop(e *syntax.Builtin) bool {
	if s.fr.top && s.prog != nil {
		s.effects++
		return true
	}
	s.errAt(e.Pos(), EPlace, "move it to a comptime block at top level of the core's program",
		"@%s is possible in a top-level comptime block only", e.Name)
	return false
}

// atRun reports a builtin that only the core can do.
func (s *sema) atRun(e *syntax.Builtin) bool {
	if !s.ct() && s.prog != nil {
		return true
	}
	s.errAt(e.Pos(), EPlace, "", "@%s is not possible at compile time", e.Name)
	return false
}

// BuiltinNames lists every builtin without the @, data operations too.
func BuiltinNames() map[string]bool {
	out := map[string]bool{}
	for n := range builtinTable() {
		out[n] = true
	}
	for n := range dsdOpNames() {
		out[n] = true
	}
	return out
}
