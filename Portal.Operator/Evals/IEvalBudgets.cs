namespace Portal.Operator.Evals;

/// <summary>Says which evaluations must wait because there is no money for them. All the operator knows of budgets.</summary>
public interface IEvalBudgets
{
    /// <summary>Raised when an answer may have changed, on any thread; handlers must be quick.</summary>
    event Action? Changed;

    /// <summary>Completes when budgets were counted for the first time; before that, none is known to stop anything.</summary>
    Task Counted { get; }

    /// <summary>Why an evaluation of a flow must wait; null when it may run.</summary>
    /// <param name="namespace">Where it is.</param>
    /// <param name="flow">What its calls are counted under: of a flow of a FlowSet <c>set/flow</c>.</param>
    EvalStop? Find(string @namespace, string flow);
}

/// <param name="Message">Which budget is used up, until when and whom to ask, for people.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record EvalStop(string Message, DateTimeOffset Until);
