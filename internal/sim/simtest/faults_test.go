package simtest

import (
	"regexp"
	"strconv"
	"strings"
	"testing"

	"wafer/internal/sim"
)

// onCore gives a script with one program on core (0,0): declarations of the grid,
// of the program, and the body of a launched function.
func onCore(grid, decls, body string) string {
	if grid == "" {
		grid = "machine wse3\ngrid 1 1"
	}
	return grid + "\nprogram p\n" + decls + "\nexport main\nfunc main\n" + body + "\n done\n ret\nend\nplace 0 0 p\nstart 0 0 main\nrun\n"
}

// TestFaults has one program for each fault of the machine and the exact text.
func TestFaults(t *testing.T) {
	const wse2 = "machine wse2\ngrid 1 1"
	for _, c := range []struct{ name, grid, decls, body, want string }{
		{"scalar load", "", "", "const.u16 r0 0x6000\nload.u16 r1 r0 0", "access to word 0x6000, but a core has 0x6000 words of memory [S0102] at main+2"},
		{"store at the end", "", "", "const.u16 r0 0x5fff\nstore.u32 r1 r0 0", "access to word 0x6000, but a core has 0x6000 words of memory [S0102] at main+2"},
		{"vector over the end", "", "", "mem r1 0x5ff0 17\nmem r2 0x100 17\ndsd.mov16 r3 @r1 @r2", "@mov16 reaches from word 0x5ff0 to word 0x6000, but a core has 0x6000 words of memory [S0102] at main+3"},
		{"vector below zero", "", "", "mem r1 4 6 -1\nmem r2 0x100 6\ndsd.mov16 r3 @r1 @r2", "@mov16 reaches from word -0x1 to word 0x4, but a core has 0x6000 words of memory [S0102] at main+3"},
		{"division", "", "", "const.i16 r0 3\ndiv.i16 r1 r0 r2", "integer division by zero [S0103] at main+2"},
		{"remainder", "", "", "const.u32 r0 3\nmod.u32 r1 r0 r2", "integer division by zero [S0103] at main+2"},
		{"assertion", "", "text \"x is {u16}, not 7\"", "const.u16 r0 3\ntrap 0", "x is 3, not 7 [S0104] at main+2"},
		{"function pointer", "", "", "const.u16 r0 99\ncallreg r1 r0", "call of function 99, the program has 1 [S0106] at main+2"},
		{"recursion", "", "", "call r1 main", "calls nested deeper than 256; the machine has no room for such recursion [S0107] at main+1"},
		{"queue rebound", wse2, "in 2 color 4", "fabin r1 2 1 color=5\nmem r2 0x100 1\nsetup:\nloadg.u16 r5 0x7f0b\nconst.u16 r6 4\nand.u16 r5 r5 r6\nifne.u16 r5 r7 setup\ndsd.mov32 r3 @r2 @r1", "input queue 2 is given color 5 while it holds 1 wavelets of color 4 [S0109] at main+8"},
		{"queue register", wse2, "in 2 color 4", "setup:\nloadg.u16 r5 0x7f0b\nconst.u16 r6 4\nand.u16 r5 r5 r6\nifne.u16 r5 r7 setup\nconst.u16 r0 0x7f12\nconst.u16 r1 9\nsetconf r0 r1", "input queue 2 is given color 9 while it holds 1 wavelets of color 4; flush it first [S0109] at main+8"},
		{"output queue register", "", "out 2 color 4", "fabout r1 2 12\ndsd.mov16 r3 @r1 r2\nconst.u16 r0 0x7f1a\nconst.u16 r1 9\nsetconf r0 r1", "output queue 2 is given color 9 while it holds 8 wavelets of color 4; use @queue_flush first [S0110] at main+5"},
		{"register number", "", "", "mem r1 0x100 4\nloaddsr dest:20 r1", "data structure register 20 of file dest does not exist [S0111] at main+2"},
		{"register not loaded", "", "", "mem r1 0x100 4\ndsd.mov16 r3 dest:2 @r1", "data structure register 2 of file dest was never loaded [S0112] at main+2"},
		{"microthread", "", "in 2 color 4", "fabin r1 2 6\nmem r2 0x100 6\ndsd.mov32 r3 @r2 @r1 async ut=3\ndsd.mov32 r3 @r2 @r1 async ut=3", "microthread 3 is still busy with @mov32 of main+3; wait for its completion before starting another operation on it [S0113] at main+4"},
		{"input queue shared", "", "in 2 color 4", "fabin r1 2 6\nmem r2 0x100 6\ndsd.mov32 r3 @r2 @r1 async ut=3\ndsd.mov32 r3 @r2 @r1 async ut=4", "input queue 2 is still in use by @mov32 of main+3; two operations cannot share a queue [S0114] at main+4"},
		{"output queue shared", wse2, "out 2 color 4", "fabout r1 2 6 color=4\nmem r2 0x100 6\ndsd.mov32 r3 @r1 @r2 async\ndsd.mov32 r3 @r1 @r2", "output queue 2 is still in use by @mov32 of main+3; two operations cannot share a queue [S0114] at main+4"},
		{"no color", "", "", "fabin r1 2 6\nmem r2 0x100 6\ndsd.mov32 r3 @r2 @r1", "input queue 2 was never initialized with a color; use @initialize_queue [S0115] at main+3"},
		{"no output queue", wse2, "", "fabout r1 7 6 color=3\ndsd.mov32 r3 @r1 r2", "output queue 7 does not exist on this machine [S0116] at main+2"},
		{"no output color", "", "", "fabout r1 7 6\ndsd.mov32 r3 @r1 r2", "output queue 7 has no color; use @initialize_queue [S0117] at main+2"},
		{"no FIFO", "", "", "mem r1 0x100 4\ndsd.mov16 r3 @r1 fifo:1", "FIFO 1 does not exist [S0118] at main+2"},
		{"FIFO fault", "", "fifo 0x200 8 empty=fault", "const.u16 r0 6\nfifolen r0 r0 0\nmem r1 0x100 6\ndsd.mov32 r3 @r1 fifo:0", "@mov32 meets an empty or full FIFO whose action is to fault [S0120] at main+5"},
		{"FIFO length", "", "", "fifolen r1 r0 3", "FIFO 3 does not exist [S0118] at main+1"},
		{"exception, invalid", "", "", "const.u16 r0 0x7f09\nconst.u16 r1 1\nsetconf r0 r1\ndiv.f32 r2 r3 r3", "invalid floating-point operation, an exception that the program unmasked [S0119] at main+4"},
		{"exception, division", "", "", "const.u16 r0 0x7f09\nconst.u16 r1 2\nsetconf r0 r1\nconst.f16 r4 1\ndiv.f16 r2 r4 r3", "floating-point division by zero, an exception that the program unmasked [S0119] at main+5"},
		{"exception, overflow", "", "", "const.u16 r0 0x7f09\nconst.u16 r1 4\nsetconf r0 r1\nconst.f16 r4 60000\nadd.f16 r2 r4 r4", "floating-point overflow, an exception that the program unmasked [S0119] at main+5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := onCore(c.grid, c.decls, c.body)
			if strings.Contains(c.name, "queue re") && !strings.Contains(c.name, "output") {
				text = strings.Replace(text, "\nrun\n", "\npush 0 0 4 u32 1\nrun\n", 1)
			}
			m, err := Run(text, sim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if len(m.Faults()) == 0 {
				t.Fatalf("no fault; %s", m.Explain())
			}
			if got := relative(text, m.Faults()[0].Error()); !strings.HasSuffix(got, c.want) {
				t.Errorf("got  %s\nwant … %s", got, c.want)
			}
		})
	}
}

// TestStandstills has one program for each way to get stuck and what is said.
func TestStandstills(t *testing.T) {
	const two = "machine wse3\ngrid 2 1\n"
	const wait = "fabin r1 2 6\nmem r2 0x100 6\ndsd.mov32 r3 @r2 @r1"
	const send = "fabout r1 2 99\nmem r2 0x100 99\ndsd.mov32 r3 @r1 @r2"
	for _, c := range []struct{ name, grid, decls, body, want string }{
		{"no route at all", "", "in 2 color 4", wait, "no route of color 4 leads to core (0,0): core (0,0) has none"},
		{"route does not end here", two + "route 0 0 color 4 rx e tx w", "in 2 color 4", wait, "color 4 does not leave core (0,0) by RAMP"},
		{"sender silent", two + "route 0 0 color 4 rx e tx r\nroute 1 0 color 4 rx r tx w", "in 2 color 4", wait, "core (1,0) should have sent on color 4"},
		{"route begins nowhere", two + "route 0 0 color 4 rx e tx r\nroute 1 0 color 4 rx e tx w", "in 2 color 4", wait, "color 4 comes over the edge of the rectangle at core (1,0) from EAST"},
		{"route in a circle", "machine wse3\ngrid 2 2\nroute 0 0 color 4 rx e tx rs\nroute 1 0 color 4 rx s tx w\nroute 1 1 color 4 rx w tx n\nroute 0 1 color 4 rx n tx e", "in 2 color 4", wait, "the route of color 4 runs in a circle"},
		{"sender torn down", two + "route 0 0 color 4 rx e tx r\nroute 1 0 color 4 rx r tx w teardown", "in 2 color 4", wait, "color 4 is in teardown at core (1,0)"},
		{"host silent", "machine wse3\ngrid 1 1\nh2d 4", "in 2 color 4", wait, "the host should have sent on color 4"},
		{"no taker", two + "route 0 0 color 4 rx r tx e\nroute 1 0 color 4 rx w tx r", "out 2 color 4", send, "core (1,0): 4 wavelets of color 4 from WEST cannot move: no input queue of the core is bound to color 4"},
		{"output blocked", two + "route 0 0 color 4 rx r tx e\nroute 1 0 color 4 rx w tx r", "out 2 color 4", send, "@mov32 (16 of 99 elements done) waits for room in output queue 2, color 4; at core (1,0): no input queue of the core is bound to color 4"},
		{"no way out", "", "out 2 color 4", send, "core (0,0): 4 wavelets of color 4 from RAMP cannot move: color 4 has no route here"},
		{"closed switch", two + "route 0 0 color 4 rx r tx e\nroute 1 0 color 4 rx w tx r pos1=rx:e cur=1", "out 2 color 4", send, "switch position 1 of color 4 does not receive from WEST"},
		{"torn down", two + "route 0 0 color 4 rx r tx e teardown", "out 2 color 4", send, "color 4 is in teardown; tile_config.teardown.exit ends it"},
		{"sent nowhere", two + "route 0 0 color 4 rx r tx -", "out 2 color 4", send, "color 4 is sent nowhere"},
		{"full input queue", "machine wse3\ngrid 1 1\nroute 0 0 color 4 rx r tx r", "in 3 color 4\nout 2 color 4", send, "input queue 3 of the core is full and nobody takes its wavelets"},
		{"nobody takes", "machine wse3\ngrid 1 1\nh2d 4", "in 3 color 4", "", "1 wavelets of color 4 wait in input queue 3; no task or operation takes them"},
		{"blocked data task", "machine wse3\ngrid 1 1\nh2d 4", "in 3 color 4\ntask data 3 main 3\nblocked 3", "", "1 wavelets of color 4 wait for data task 3 main, which is blocked"},
		{"blocked local task", "", "task local 9 main\nblocked 9", "activate 9", "task 9 main is activated but blocked"},
		{"empty FIFO", "", "fifo 0x200 8", "mem r2 0x100 6\ndsd.mov32 r3 @r2 fifo:0 async ut=1", "microthread 1, @mov32 (0 of 6 elements done) waits for data in FIFO 0"},
		{"FIFO suspends", "", "fifo 0x200 8 full=suspend", "mem r2 0x100 6\ndsd.mov32 r3 fifo:0 @r2", "@mov32 (4 of 6 elements done) waits for room in FIFO 0"},
		{"full FIFO", "", "fifo 0x200 8", "mem r2 0x100 6\ndsd.mov32 r3 fifo:0 @r2 async ut=1", "microthread 1, @mov32 (4 of 6 elements done) waits for room in FIFO 0"},
		{"blocked microthread", "machine wse3\ngrid 1 1\nd2h 4", "out 2 color 4", "block 65\nmem r2 0x100 6\nfabout r1 2 6\ndsd.mov32 r3 @r1 @r2 async ut=1", "microthread 1, @mov32 (0 of 6 elements done) is blocked"},
		{"map", "machine wse3\ngrid 1 1\nh2d 5", "in 2 color 5", "fabin r1 2 6\nmap @r1\nmapfetch r2 r3", "@map waits for a wavelet at main+3"},
		{"control in the way", "machine wse3\ngrid 1 1\nroute 0 0 color 4 rx w tx r\nport 0 0 4 w in\npushcontrol 0 u32 0x90000", "in 2 color 4\ntask control 9 main", wait, "waits behind a control wavelet (task 9) in input queue 2, color 4"},
		{"launch not finished", "", "", "ret", "1 cores never finished a launch: the function or a task after it must call unblock_cmd_stream"},
		{"over the edge", "machine wse3\ngrid 1 1\nroute 0 0 color 4 rx r tx w", "out 2 color 4", send, "99 wavelets of color 4 left the rectangle at core (0,0) to WEST, where nothing takes them"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text := onCore(c.grid, c.decls, c.body)
			if strings.Contains(c.grid, "h2d 4") && c.name != "host silent" {
				text = strings.Replace(text, "\nrun\n", "\npush 0 0 4 u32 1\nrun\n", 1)
			}
			m, err := Run(text, sim.Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := relative(text, m.Explain().String()); !strings.Contains(got, c.want) {
				t.Errorf("got  %s\nwant … %s", got, c.want)
			}
		})
	}
}

// relative gives places as lines of the body of main.
func relative(text, got string) string {
	before, _, _ := strings.Cut(text, "func main")
	base := strings.Count(before, "\n") + 1
	return regexp.MustCompile(`p:\d+`).ReplaceAllStringFunc(got, func(p string) string {
		return "main+" + strconv.Itoa(atoi(p[2:])-base)
	})
}
