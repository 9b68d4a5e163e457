using Portal.Features.Costs.Queries;

namespace Portal.Features.Costs.Dashboard;

/// <summary>What a click on a row leads to: the row as a filter, grouped by what tells most about it.</summary>
internal static class CostDrill
{
    private static readonly CostDimension[] s_next =
        [CostDimension.Flow, CostDimension.Revision, CostDimension.Model, CostDimension.User, CostDimension.Team, CostDimension.Token, CostDimension.Source];

    public static CostView Into(CostView view, string value)
    {
        var filters = view.Filters.With(view.Group, value);
        return view with { Filters = filters, Group = NextOf(view.Group, filters) };
    }

    private static CostDimension NextOf(CostDimension group, CostFilters filters)
    {
        var isNamed = filters.Has(CostDimension.Flow) || filters.Has(CostDimension.Prompt) || filters.Has(CostDimension.Revision);
        return s_next.Where(item => item != group && !filters.Has(item) && !(isNamed && item == CostDimension.Flow)).FirstOrDefault(CostDimension.Source);
    }
}
