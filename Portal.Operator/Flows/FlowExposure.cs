using Portal.Kubernetes.Objects;
using Portal.Operator.Api;
using Portal.Operator.Reconciliation;

namespace Portal.Operator.Flows;

/// <summary>Renders the children that a spec may ask for beside Service and Deployment; all have the owner's name.</summary>
internal static class FlowExposure
{
    /// <summary>CPU use an autoscaler aims at when it is told nothing, in percent of the request.</summary>
    private const int DefaultUtilization = 80;

    /// <summary>Kinds of the children rendered here: what is removed when nobody asks for it any more.</summary>
    public static IReadOnlyList<ResourceDefinition> Kinds { get; } =
        [BuiltIn.PodDisruptionBudget, BuiltIn.HorizontalPodAutoscaler, BuiltIn.Ingress, BuiltIn.HttpRoute];

    public static IEnumerable<FlowChild> Render(FlowWorkload workload)
    {
        FlowChild Child(ResourceDefinition kind, JsonObject spec, JsonObject? annotations = null) =>
            workload.Owner.Child(kind, workload.Owner.Object.Name, new JsonObject { ["spec"] = spec }, annotations);

        if (workload.Spec.PodDisruptionBudget is { } budget)
        {
            yield return Child(BuiltIn.PodDisruptionBudget, BudgetOf(workload, budget));
        }

        if (workload.Spec.Autoscaling is { } autoscaling)
        {
            yield return Child(BuiltIn.HorizontalPodAutoscaler, AutoscalerOf(workload, autoscaling));
        }

        if (workload.Spec.Ingress is { } ingress)
        {
            var annotations = ingress.Annotations is { Count: > 0 } given ? (JsonObject)Json.Of(given) : null;
            yield return Child(BuiltIn.Ingress, IngressOf(workload, ingress), annotations);
        }

        if (workload.Spec.HttpRoute is { } route)
        {
            yield return Child(BuiltIn.HttpRoute, RouteOf(workload, route));
        }
    }

    private static JsonObject BudgetOf(FlowWorkload workload, DisruptionBudgetSpec budget)
    {
        var spec = new JsonObject { ["selector"] = new JsonObject { ["matchLabels"] = workload.Owner.Labels() } };
        spec.SetAll(
            ("minAvailable", budget.MinAvailable),
            ("maxUnavailable", budget.MaxUnavailable ?? (budget.MinAvailable is null ? new IntOrString(JsonValue.Create(1)) : null)));
        return spec;
    }

    private static JsonObject AutoscalerOf(FlowWorkload workload, AutoscalingSpec autoscaling)
    {
        var cpu = autoscaling.TargetCPUUtilizationPercentage ?? (autoscaling.TargetMemoryUtilizationPercentage is null ? DefaultUtilization : null);
        var metrics = new[] { ("cpu", cpu), ("memory", autoscaling.TargetMemoryUtilizationPercentage) }
            .Where(metric => metric.Item2 is not null)
            .Select(metric => new JsonObject
            {
                ["type"] = "Resource",
                ["resource"] = new JsonObject
                {
                    ["name"] = metric.Item1,
                    ["target"] = new JsonObject { ["type"] = "Utilization", ["averageUtilization"] = metric.Item2 },
                },
            });
        return new JsonObject
        {
            ["scaleTargetRef"] = new JsonObject
            {
                ["apiVersion"] = BuiltIn.Deployment.ApiVersion,
                ["kind"] = BuiltIn.Deployment.Kind,
                ["name"] = workload.Owner.Object.Name,
            },
            ["minReplicas"] = autoscaling.MinReplicas ?? 1,
            ["maxReplicas"] = autoscaling.MaxReplicas,
            ["metrics"] = new JsonArray([.. metrics]),
        };
    }

    private static JsonObject IngressOf(FlowWorkload workload, IngressSpec ingress)
    {
        var rule = new JsonObject();
        rule.SetAll(("host", ingress.Host));
        rule["http"] = new JsonObject
        {
            ["paths"] = new JsonArray(new JsonObject
            {
                ["path"] = ingress.Path ?? "/",
                ["pathType"] = ingress.PathType ?? "Prefix",
                ["backend"] = new JsonObject
                {
                    ["service"] = new JsonObject
                    {
                        ["name"] = workload.Owner.Object.Name,
                        ["port"] = new JsonObject { ["name"] = FlowDeployment.PortName },
                    },
                },
            }),
        };
        var spec = new JsonObject();
        spec.SetAll(("ingressClassName", ingress.IngressClassName));
        spec["rules"] = new JsonArray(rule);
        if (ingress.TlsSecretName is { Length: > 0 } secret)
        {
            var tls = new JsonObject();
            tls.SetAll(("hosts", ingress.Host is { } host ? new[] { host } : null));
            tls["secretName"] = secret;
            spec["tls"] = new JsonArray(tls);
        }

        return spec;
    }

    private static JsonObject RouteOf(FlowWorkload workload, HttpRouteSpec route)
    {
        var spec = new JsonObject { ["parentRefs"] = Json.Of(route.ParentRefs) };
        spec.SetAll(("hostnames", route.Hostnames));
        spec["rules"] = new JsonArray(new JsonObject
        {
            ["matches"] = new JsonArray(new JsonObject { ["path"] = new JsonObject { ["type"] = "PathPrefix", ["value"] = route.Path ?? "/" } }),
            ["backendRefs"] = new JsonArray(new JsonObject { ["name"] = workload.Owner.Object.Name, ["port"] = workload.Port }),
        });
        return spec;
    }
}
