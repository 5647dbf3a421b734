package sema

import "wafer/internal/diag"

// CodeDoc documents one code. A file in testdata/errors shows it, if Test is set.
type CodeDoc struct {
	Code    diag.Code
	Title   string
	Example string
	Test    bool
}

// Codes lists all codes of this phase with an example each.
func Codes() []CodeDoc {
	return []CodeDoc{
		{EName, "a name is not declared", "conter += 1;", true},
		{ENotType, "an expression is not a type", "var x: 4 = 0;", true},
		{EType, "a value has the wrong type", "const a: i16 = 1.5;", true},
		{EFit, "a number does not fit into its type", "const a: u8 = 256;", true},
		{EComptime, "a value is not known at compile time", "var n: u16 = 4; var a: [n]u16;", true},
		{EConst, "a constant is assigned", "const a = 1; fn f() void { a = 2; }", true},
		{EField, "a struct, enum or module has no such member", "math.sqroot(x)", true},
		{EArgs, "a call has the wrong number of arguments", "@as(f32)", true},
		{ECall, "something that is no function is called", "const n = 1; n();", true},
		{EOperator, "an operator does not apply to its operands", "true + 1", true},
		{EBounds, "an index is out of bounds", "var a: [4]i16; a[4] = 1;", true},
		{EIndex, "something is indexed that has no elements", "var n: i16 = 0; n[0] = 1;", true},
		{EDeref, "something is dereferenced that is no pointer", "var n: i16 = 0; n.* = 1;", true},
		{EDivide, "a division by zero", "const a = 1 / 0;", true},
		{EParam, "a parameter or constant has no value", "param size: u16; var a: [size]u16;", true},
		{EDuplicate, "a name is declared twice", "var a: i16; var a: i16;", true},
		{ECycle, "a declaration depends on itself", "const a = b; const b = a;", true},
		{EAssert, "a comptime assertion does not hold", "@comptime_assert(1 == 2)", true},
		{EBuiltin, "a builtin does not exist or is not available", "@fmuladd(d, a, b)", true},
		{EPlace, "a builtin is used where it is not possible", "fn f() void { @set_rectangle(1, 1); }", true},
		{EImport, "a file cannot be found or read", "@import_module(\"none.csl\")", true},
		{ELabel, "break or continue names no loop or block", "fn f() void { break; }", true},
		{EReturn, "a function does not return what it must", "fn f() i16 {}", true},
		{ESwitch, "the cases of a switch are not complete or not unique", "switch (n) { 1 => {} }", true},
		{EQuota, "comptime evaluation takes too long", "comptime { while (true) {} }", true},
		{EDepth, "comptime calls nest too deep", "fn f(n: comptime_int) comptime_int { return f(n); }", true},
		{EID, "a color, queue or task number is out of range", "@get_color(24)", true},
		{EBind, "a task is bound wrongly", "two tasks bound to one id", true},
		{ETask, "a task has the wrong form or use", "task t() void {} fn f() void { t(); }", true},
		{EDSD, "a descriptor has a wrong property", "@get_dsd(mem1d_dsd, .{ .base_address = &a })", true},
		{EAffine, "a tensor access is not affine", "|i|{4} -> a[i * i]", true},
		{EDSDOp, "an operand of a data operation is wrong", "@fmovs(1.0, d)", true},
		{EOption, "an option of a data operation is wrong", "@fmovs(d, d, .{ .asynch = true })", true},
		{ERoute, "a color configuration is wrong", "@set_local_color_config(c, .{})", true},
		{ETile, "a core has no code, or code twice", "@set_tile_code(9, 9) outside the rectangle", true},
		{ERect, "the rectangle is wrong or missing", "@set_tile_code before @set_rectangle", true},
		{EExport, "an exported symbol does not match the layout", "@export_symbol(x) without @export_name", true},
		{EQueue, "a queue is initialised wrongly", "@initialize_queue(q) twice", true},
		{EFifo, "a FIFO is allocated wrongly", "@allocate_fifo of a constant", true},
		{ERuntime, "a comptime-only type is used at run time", "fn f() void { var n = 5; }", true},
		{EShape, "a builtin got a type of the wrong shape", "@zeros(bool)", true},
		{EAddress, "the address of something without one is taken", "&(a + 1)", true},
		{ELiteral, "a literal does not match its type", "[3]i16{ 1, 2 }", true},
		{EEnum, "an enum is defined or converted wrongly", "enum(u16) { A = 1, B = 1 }", true},
		{EPrivate, "a private builtin is used outside the libraries", "@wafer_done()", true},
		{EAsm, "inline assembly; the parser reports it first", "asm (\"nop\")", false},
		{ECmdParam, "--params or --colors do not match the layout file", "--params=sise:4", true},
		{ELimit, "a limit of the compiler is exceeded", "var a: [100000, 100000]f32;", true},
		{EArch, "a feature is missing on this architecture", "@get_ut_id(3) on wse2", true},
		{EUnion, "a variant of a union is not active", "union{ .i = 1 }.x", true},
		{EUndefined, "an undefined value is used, or has no type", "var a = undefined;", true},
		{ELayout, "the layout block is missing or there are several", "a file without layout { … }", true},
		{ECancelled, "the compilation was stopped", "interrupted by the user", false},
		{EInternal, "a bug of the compiler", "please report it", false},
		{WBinding, "a parameter that the file does not have", "@set_tile_code(0, 0, f, .{ .b = 2 })", true},
		{WResource, "an accepted setting has no effect here", ".zero = .{ .first_source = true }", false},
		{WDeprecated, "an old form", "reserved", false},
	}
}
