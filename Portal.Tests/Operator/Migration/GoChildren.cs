using Portal.Kubernetes.Client;
using Portal.Kubernetes.Objects;

namespace Portal.Tests.Operator.Migration;

/// <summary>Children as the Go operator leaves them behind: what it applies, under the field manager it applies with, and pods that serve.</summary>
internal sealed class GoChildren(TestNamespace space)
{
    private static readonly WriteOptions s_apply = new() { Manager = new FieldManager("genkit-operator"), Force = true };

    /// <summary>Of a Flow with an inline prompt and model, and no tools.</summary>
    public async Task MakeFlowAsync(string name, string secret)
    {
        var flow = await space.GetAsync("Flow", name);
        await ApplyAsync(flow, "flow", $$"""
            kind: ConfigMap
            metadata: {name: {{name}}-prompts}
            data: {greet.prompt: Hi.}
            ---
            kind: ConfigMap
            metadata: {name: {{name}}-tools}
            ---
            kind: ConfigMap
            metadata: {name: {{name}}-config}
            data: {config.json: '{"defaultModel": {"provider": "demo", "model": "echo"}, "plugin": {"type": "demo"} }'}
            ---
            kind: Service
            metadata: {name: {{name}} }
            spec:
              type: ClusterIP
              selector: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flow: {{name}} }
              ports: [{name: http, port: 8080, targetPort: 8080, protocol: TCP}]
            ---
            kind: Deployment
            metadata: {name: {{name}} }
            spec:
              replicas: 1
              selector: {matchLabels: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flow: {{name}} } }
              template:
                metadata:
                  labels: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flow: {{name}} }
                  annotations: {genkit.dev/content-hash: theirs}
                spec:
                  containers:
                    - name: flow
                      image: registry.test/runner:1
                      imagePullPolicy: IfNotPresent
                      ports: [{name: http, containerPort: 8080, protocol: TCP}]
                      envFrom: [{secretRef: {name: {{secret}} } }]
                      volumeMounts:
                        - {name: genkit-prompts, mountPath: /genkit/prompts}
                        - {name: genkit-tools, mountPath: /genkit/tools}
                        - {name: genkit-config, mountPath: /genkit}
                  volumes:
                    - {name: genkit-prompts, configMap: {name: {{name}}-prompts} }
                    - {name: genkit-tools, configMap: {name: {{name}}-tools} }
                    - {name: genkit-config, configMap: {name: {{name}}-config} }
            """);
        await space.SetReplicasAsync(name, 1, 1);
    }

    /// <summary>Of a FlowSet with the one flow <c>a</c>.</summary>
    public async Task MakeFlowSetAsync(string name, string secret)
    {
        var set = await space.GetAsync("FlowSet", name);
        await ApplyAsync(set, "flowset", $$"""
            kind: ConfigMap
            metadata: {name: {{name}}-manifest}
            data: {manifest.json: '{"flows": [{"name": "a", "entrypoint": "greet", "dir": "/genkit/flows/a"}]}'}
            ---
            kind: ConfigMap
            metadata: {name: {{name}}-a-prompts}
            data: {greet.prompt: Hi.}
            ---
            kind: ConfigMap
            metadata: {name: {{name}}-a-tools}
            ---
            kind: ConfigMap
            metadata: {name: {{name}}-a-config}
            data: {config.json: '{}'}
            ---
            kind: Service
            metadata: {name: {{name}} }
            spec:
              type: ClusterIP
              selector: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flowset: {{name}} }
              ports: [{name: http, port: 8080, targetPort: 8080, protocol: TCP}]
            ---
            kind: Deployment
            metadata: {name: {{name}} }
            spec:
              replicas: 1
              selector: {matchLabels: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flowset: {{name}} } }
              template:
                metadata:
                  labels: {app.kubernetes.io/managed-by: genkit-operator, genkit.dev/flowset: {{name}} }
                  annotations: {genkit.dev/content-hash: theirs}
                spec:
                  containers:
                    - name: flowset
                      image: registry.test/runner:1
                      ports: [{name: http, containerPort: 8080, protocol: TCP}]
                      volumeMounts:
                        - {name: c-a, mountPath: /genkit/flows/a/config.json, subPath: config.json, readOnly: true}
                        - {name: s-0123456789, mountPath: /genkit/flows/a/credentials, readOnly: true}
                        - {name: p-a, mountPath: /genkit/flows/a/prompts, readOnly: true}
                        - {name: t-a, mountPath: /genkit/flows/a/tools, readOnly: true}
                        - {name: genkit-manifest, mountPath: /genkit/manifest.json, subPath: manifest.json, readOnly: true}
                  volumes:
                    - {name: c-a, configMap: {name: {{name}}-a-config} }
                    - {name: genkit-manifest, configMap: {name: {{name}}-manifest} }
                    - {name: p-a, configMap: {name: {{name}}-a-prompts} }
                    - {name: s-0123456789, secret: {secretName: {{secret}} } }
                    - {name: t-a, configMap: {name: {{name}}-a-tools} }
            """);
        await space.SetReplicasAsync(name, 1, 1);
    }

    /// <summary>A run that has ended, and a schedule.</summary>
    public async Task MakeEvalAsync(string once, string scheduled)
    {
        const string Pod = "{spec: {restartPolicy: Never, containers: [{name: runner, image: 'registry.test/eval:1'}]}}";
        await ApplyAsync(await space.GetAsync("Eval", once), "eval", $"kind: Job\nmetadata: {{name: {once}-run}}\nspec: {{parallelism: 1, template: {Pod}}}");
        await ApplyAsync(await space.GetAsync("Eval", scheduled), "eval", $"kind: CronJob\nmetadata: {{name: {scheduled}}}\nspec: {{schedule: '0 2 * * *', jobTemplate: {{spec: {{template: {Pod}}}}}}}");
        await space.PatchAsync("Job", $"{once}-run", """
            {"status": {
              "startTime": "2026-01-02T03:00:00Z", "completionTime": "2026-01-02T03:04:05Z", "succeeded": 1,
              "conditions": [{"type": "Complete", "status": "True", "reason": "R", "message": "m", "lastTransitionTime": "2026-01-02T03:04:05Z"}]
            }}
            """, "status");
    }

    private async Task ApplyAsync(KubeObject owner, string label, string yaml)
    {
        foreach (var manifest in TestManifests.Read(yaml))
        {
            var definition = TestNamespace.DefinitionOf((string)manifest["kind"]!);
            manifest["apiVersion"] = definition.ApiVersion;
            manifest["metadata"]!["namespace"] = space.Name;
            manifest["metadata"]!["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "genkit-operator", [$"genkit.dev/{label}"] = owner.Name };
            manifest["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = owner.ApiVersion,
                ["kind"] = owner.Kind,
                ["name"] = owner.Name,
                ["uid"] = owner.Uid,
                ["controller"] = true,
                ["blockOwnerDeletion"] = true,
            });
            await space.Client.Resource(definition).ApplyAsync(new KubeObject(manifest), s_apply, CancellationToken.None);
        }
    }
}
