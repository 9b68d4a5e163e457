using Portal.Features.Flows;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Portal.Flows;

public class FlowEventTests
{
    [Fact]
    public void Merge_WhatHappenedAgain_IsOneEventWithACount()
    {
        FlowEvent[] events = [Event("BackOff", 3, 10), Event("BackOff", 2, 30), Event("Pulled", 1, 20)];

        var merged = FlowEvent.Merge(events);

        Assert.Equal(["BackOff 5 30", "Pulled 1 20"], merged.Select(item => $"{item.Reason} {item.Count} {item.LastSeen?.Second}"));
    }

    private static FlowEvent Event(string reason, int count, int second) => FlowEvent.Of(new KubeObject(JsonNode.Parse(
        $$"""{"reason":"{{reason}}","message":"m","type":"Warning","count":{{count}},"lastTimestamp":"2026-01-01T00:00:{{second:D2}}Z","involvedObject":{"kind":"Pod","name":"p"} }""")!.AsObject()));
}
