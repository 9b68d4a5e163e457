namespace Portal.Operator.Evals;

/// <summary>Says which evaluations must wait because there is no money for them. All the operator knows of budgets.</summary>
public interface IEvalBudgets
{
    /// <summary>Raised when an answer may have changed, on any thread; handlers must be quick.</summary>
    event Action? Changed;

    /// <summary>Why an evaluation of a flow must wait; null when it may run.</summary>
    EvalStop? Find(string @namespace, string flow);
}

/// <param name="Message">Which budget is used up, until when and whom to ask, for people.</param>
/// <param name="Until">When it ends by itself.</param>
public sealed record EvalStop(string Message, DateTimeOffset Until);
