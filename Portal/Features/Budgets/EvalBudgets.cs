using Portal.Operator.Evals;
using Portal.Runner.Contract;

namespace Portal.Features.Budgets;

/// <summary>Tells the operator of this process which evaluations budgets stop: those whose flow, or whose namespace, has spent what it had.</summary>
internal sealed class EvalBudgets(BudgetBoard board, TimeProvider clock) : IEvalBudgets
{
    public event Action? Changed
    {
        add => board.StopsChanged += value;
        remove => board.StopsChanged -= value;
    }

    public Task Counted => board.Counted;

    public EvalStop? Find(string @namespace, string flow)
    {
        var now = clock.GetUtcNow();
        return board.Stops.Find(new BudgetedCall(@namespace, flow), now) is { } stop ? new EvalStop(stop.Explain(), stop.Until) : null;
    }
}
