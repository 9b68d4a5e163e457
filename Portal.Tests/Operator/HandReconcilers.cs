using Portal.Kubernetes.Client;
using Portal.Operator.Flows;
using Portal.Operator.FlowSets;
using Portal.Operator.Reconciliation;

namespace Portal.Tests.Operator;

/// <summary>Reconcilers that a test calls itself, on the informers of its fixture.</summary>
internal sealed class HandReconcilers
{
    public HandReconcilers(OperatorFixture fixture, KubeClient client)
    {
        var limit = new WriteLimit(0, TimeProvider.System);
        Informers = new GenkitInformers(fixture.Informers);
        var ledger = new ChildLedger(Informers, TimeProvider.System);
        var children = new FlowChildren(client, Informers, ledger, limit);
        var writer = new StatusWriter(client, fixture.Informers, fixture.Events, limit, TimeProvider.System);
        var content = new FlowContent(fixture.Informers, FlowContent.CreateHttp(), TimeProvider.System);
        Flow = new FlowReconciler(Informers, children, ledger, content, writer, []);
        FlowSet = new FlowSetReconciler(Informers, client, children, content, writer, []);
    }

    public GenkitInformers Informers { get; }

    public FlowReconciler Flow { get; }

    public FlowSetReconciler FlowSet { get; }
}
