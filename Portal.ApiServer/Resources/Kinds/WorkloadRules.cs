namespace Portal.ApiServer.Resources.Kinds;

/// <summary>A built-in kind that keeps a generation and has no further behaviour.</summary>
internal class WorkloadRules : ResourceRules
{
    public override bool HasGeneration => true;
    public override bool AllowUnconditionalUpdate => true;
}
