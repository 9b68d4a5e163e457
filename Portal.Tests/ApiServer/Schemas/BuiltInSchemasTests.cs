using Portal.ApiServer.Schemas;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.ApiServer.Schemas;

public sealed class BuiltInSchemasTests
{
    private const string Deployment = """
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d","labels":{"a":"b"},"ownerReferences":[{"apiVersion":"v1","kind":"K","name":"n","uid":"u"}]},
         "spec":{"selector":{"matchLabels":{"app":"d"}},"template":{"metadata":{"labels":{"app":"d"},"annotations":{"x":"y"}},"spec":{
          "serviceAccountName":"sa","nodeSelector":{"disk":"ssd"},"automountServiceAccountToken":false,
          "securityContext":{"runAsNonRoot":true,"fsGroup":1000,"seccompProfile":{"type":"RuntimeDefault"}},
          "affinity":{"podAntiAffinity":{"preferredDuringSchedulingIgnoredDuringExecution":[{"weight":1,"podAffinityTerm":{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"d"}}}}]},
                      "nodeAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":{"nodeSelectorTerms":[{"matchExpressions":[{"key":"k","operator":"In","values":["v"]}]}]}}},
          "tolerations":[{"key":"t","operator":"Exists","effect":"NoSchedule"}],
          "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"zone","whenUnsatisfiable":"ScheduleAnyway","labelSelector":{"matchLabels":{"app":"d"}}}],
          "imagePullSecrets":[{"name":"pull"}],
          "initContainers":[{"name":"init","image":"busybox:1"}],
          "containers":[{"name":"main","image":"example.org/main","command":["/m"],"args":["-x"],
            "ports":[{"name":"http","containerPort":8080}],
            "env":[{"name":"A","value":"1"},{"name":"B","valueFrom":{"secretKeyRef":{"name":"s","key":"k"}}},{"name":"C","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}}],
            "envFrom":[{"secretRef":{"name":"s","optional":true}},{"configMapRef":{"name":"c"}}],
            "resources":{"limits":{"cpu":1,"memory":"1Gi"},"requests":{"cpu":"100m"}},
            "readinessProbe":{"httpGet":{"path":"/readyz","port":"http"}},"livenessProbe":{"tcpSocket":{"port":8080}},"startupProbe":{"exec":{"command":["x"]}},
            "lifecycle":{"preStop":{"sleep":{"seconds":1}}},
            "securityContext":{"allowPrivilegeEscalation":false,"readOnlyRootFilesystem":true,"capabilities":{"drop":["ALL"]}},
            "volumeMounts":[{"name":"c","mountPath":"/genkit","readOnly":true}]}],
          "volumes":[{"name":"c","configMap":{"name":"c","items":[{"key":"k","path":"p"}]}},{"name":"s","secret":{"secretName":"s"}},{"name":"e","emptyDir":{"sizeLimit":"1Gi"}},
            {"name":"p","projected":{"sources":[{"configMap":{"name":"c"}},{"serviceAccountToken":{"path":"t"}}]}}]}}}}
        """;

    [Fact]
    public void Deployment_FullTemplate_IsKnownAndValid()
    {
        var deployment = (JsonObject)JsonNode.Parse(Deployment)!;
        var schema = BuiltInSchemas.Get(BuiltIn.Deployment);

        Assert.Empty(SchemaPruner.Prune(deployment, schema));
        SchemaDefaulter.Apply(deployment, schema);
        BuiltInDefaults.Apply(deployment, BuiltIn.Deployment);
        Assert.Empty(SchemaValidator.Validate(deployment, schema));

        var spec = deployment["spec"]!;
        Assert.Equal(1, spec["replicas"]!.GetValue<int>());
        Assert.Equal("25%", spec["strategy"]!["rollingUpdate"]!["maxSurge"]!.ToString());
        var container = spec["template"]!["spec"]!["containers"]![0]!;
        Assert.Equal("TCP", container["ports"]![0]!["protocol"]!.ToString());
        Assert.Equal("Always", container["imagePullPolicy"]!.ToString());
        Assert.Equal(10, container["readinessProbe"]!["periodSeconds"]!.GetValue<int>());
        Assert.Equal(420, spec["template"]!["spec"]!["volumes"]![0]!["configMap"]!["defaultMode"]!.GetValue<int>());
        Assert.Equal("sa", spec["template"]!["spec"]!["serviceAccount"]!.ToString());
    }

    [Fact]
    public void Apply_RecreateStrategy_GetsNoRollingUpdate()
    {
        var deployment = (JsonObject)JsonNode.Parse("""{"spec":{"strategy":{"type":"Recreate"}}}""")!;

        SchemaDefaulter.Apply(deployment, BuiltInSchemas.Get(BuiltIn.Deployment));
        BuiltInDefaults.Apply(deployment, BuiltIn.Deployment);

        Assert.Null(deployment["spec"]!["strategy"]!["rollingUpdate"]);
    }

    [Fact]
    public void Prune_UnknownFieldsOfDeployment_AreNamedInDocumentOrder()
    {
        var deployment = (JsonObject)JsonNode.Parse("""
            {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"app":"d"}},
             "template":{"metadata":{"labels":{"app":"d"}},"spec":{"containers":[{"name":"m","image":"i","imagee":"x"}]}},"nosuch":1}}
            """)!;

        Assert.Equal(
            ["spec.template.spec.containers[0].imagee", "spec.nosuch"],
            SchemaPruner.Prune(deployment, BuiltInSchemas.Get(BuiltIn.Deployment)));
    }

    [Fact]
    public void Keys_EveryKind_HasASchemaWithMetadataAndDescription()
    {
        Assert.True(BuiltInSchemas.Keys.Count() >= 20);
        foreach (var key in BuiltInSchemas.Keys)
        {
            var parts = key.Split('/');
            var schema = BuiltInSchemas.Find(parts.Length == 3 ? parts[0] : "", parts[^2], parts[^1]);
            Assert.NotNull(schema);
            Assert.NotEmpty(schema.Description);
            Assert.Contains("ownerReferences", schema.Properties["metadata"].Properties.Keys);
        }
    }

    [Fact]
    public void Find_UnknownKind_IsNull() => Assert.Null(BuiltInSchemas.Find("apps", "v1", "Nothing"));
}
