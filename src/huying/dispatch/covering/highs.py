"""Mixed integer programs by HiGHS (Huangfu and Hall, Parallelizing the dual revised simplex method,
Mathematical Programming Computation 10, 2018)."""

from __future__ import annotations

from typing import Any

import highspy
import numpy as np

from huying.dispatch.covering.exact import Program, Solved

GAP = 1e-9


def solve(program: Program, seconds: float) -> Solved:
    """See `Solver`."""
    model = highspy.HighsLp()
    columns, rows = len(program.gain), len(program.roof)
    model.num_col_, model.num_row_ = columns, rows
    model.sense_ = highspy.ObjSense.kMaximize
    model.col_cost_, model.col_lower_, model.col_upper_ = program.gain, program.low, program.high
    model.row_lower_, model.row_upper_ = program.floor, program.roof
    model.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    model.a_matrix_.start_ = program.rows.indptr
    model.a_matrix_.index_ = program.rows.indices
    model.a_matrix_.value_ = program.rows.data
    model.integrality_ = [highspy.HighsVarType.kInteger] * program.whole + [
        highspy.HighsVarType.kContinuous
    ] * (columns - program.whole)
    solver: Any = highspy.Highs()  # type: ignore[no-untyped-call]
    for option, value in (
        ("output_flag", False),
        ("threads", 1),
        ("random_seed", 0),
        ("time_limit", seconds),
        ("mip_rel_gap", GAP),
        ("mip_abs_gap", GAP),
    ):
        solver.setOptionValue(option, value)
    solver.passModel(model)
    solver.setSolution(program.whole, np.arange(program.whole, dtype=np.int32), program.start)
    solver.run()
    info = solver.getInfo()
    bound = float(info.mip_dual_bound)
    there = info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    values = np.array(solver.getSolution().col_value[: program.whole]) if there else None
    return Solved(values, bound if np.isfinite(bound) else float("inf"))
