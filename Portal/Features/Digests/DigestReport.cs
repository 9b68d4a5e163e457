using Portal.Features.Costs;
using Portal.Features.Costs.Queries;

namespace Portal.Features.Digests;

/// <summary>What there is to say of a namespace's week.</summary>
/// <param name="Figures">Calls and amounts of the week.</param>
/// <param name="FiguresBefore">Those of the week before.</param>
/// <param name="Currency">What the flows are compared in.</param>
/// <param name="Flows">The dearest.</param>
/// <param name="Budgets">Those at a threshold or above it, now.</param>
/// <param name="NotReady">Flows that do not work now, with why.</param>
public sealed record DigestReport(
    string Namespace, DigestWeek Week, CostFigures Figures, CostFigures FiguresBefore, string Currency, IReadOnlyList<DigestFlow> Flows, IReadOnlyList<DigestBudget> Budgets,
    IReadOnlyList<DigestFault> NotReady)
{
    /// <summary>Amounts by currency, with those of the week before.</summary>
    public IReadOnlyList<(Money Now, Money Before)> Amounts =>
    [
        .. Figures.Costs.Concat(FiguresBefore.Costs).Select(cost => cost.Currency).Distinct().DefaultIfEmpty(Currency).Order(StringComparer.Ordinal)
            .Select(currency => (new Money(Figures.NanosIn(currency), currency), new Money(FiguresBefore.NanosIn(currency), currency))),
    ];
}

/// <param name="Name">Null for what belongs to no flow: the playground, evaluations.</param>
/// <param name="Change">0.5 is half more than the week before; null when there was nothing.</param>
public sealed record DigestFlow(string? Name, Money Cost, double? Change);

public sealed record DigestBudget(string Name, decimal Percent, Money Spent, Money Amount, string Period);

public sealed record DigestFault(string Flow, string Why);
