using System.Text;
using Portal.Tests.ApiServer.Protobuf;

namespace Portal.Tests.ApiServer.Fuzz;

/// <summary>Bodies: objects and patches that are right, changed at random, and at last damaged byte by byte.</summary>
internal sealed class FuzzBodies(Random random)
{
    private static readonly (string Path, string Body)[] s_objects =
    [
        ("configmaps", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","labels":{"a":"b"}},"data":{"k":"v"},"binaryData":{"b":"aGk="}}"""),
        ("secrets", """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"a"},"type":"Opaque","stringData":{"k":"v"},"data":{"b":"aGk="}}"""),
        ("services", """{"apiVersion":"v1","kind":"Service","metadata":{"name":"a"},"spec":{"selector":{"a":"b"},"ports":[{"name":"h","port":80,"targetPort":"x"}]}}"""),
        ("namespaces", """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"a","finalizers":["example.org/f"]}}"""),
        ("pods", """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c","image":"i","env":[{"name":"x","value":"y"}],"resources":{"limits":{"cpu":"1","memory":"1Gi"}}}]}}"""),
        ("events", """{"apiVersion":"v1","kind":"Event","metadata":{"name":"a"},"involvedObject":{"kind":"Pod","namespace":"default","name":"a"},"reason":"R","message":"m","type":"Normal","firstTimestamp":"2024-05-01T10:00:00Z","count":1}"""),
        ("events.k8s.io", """{"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"a"},"eventTime":"2024-05-01T10:00:00.000000Z","regarding":{"namespace":"default","name":"a"},"reason":"R","action":"A","note":"n","type":"Normal","reportingController":"example.org/c","reportingInstance":"i"}"""),
        ("serviceaccounts", """{"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"a"},"secrets":[{"name":"s"}]}"""),
        ("deployments", """{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}}}"""),
        ("replicasets", """{"apiVersion":"apps/v1","kind":"ReplicaSet","metadata":{"name":"a"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}"""),
        ("jobs", """{"apiVersion":"batch/v1","kind":"Job","metadata":{"name":"a"},"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}"""),
        ("cronjobs", """{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a"},"spec":{"schedule":"* * * * *","jobTemplate":{"spec":{"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i"}]}}}}}}"""),
        ("leases", """{"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"},"spec":{"holderIdentity":"h","leaseDurationSeconds":15,"renewTime":"2024-05-01T10:00:00.000000Z"}}"""),
        ("endpointslices", """{"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"a"},"addressType":"IPv4","endpoints":[],"ports":[{"port":80}]}"""),
        ("roles", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"Role","metadata":{"name":"a"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}"""),
        ("rolebindings", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"RoleBinding","metadata":{"name":"a"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"a"},"subjects":[{"kind":"User","name":"u","apiGroup":"rbac.authorization.k8s.io"}]}"""),
        ("clusterroles", """{"apiVersion":"rbac.authorization.k8s.io/v1","kind":"ClusterRole","metadata":{"name":"a"},"rules":[{"verbs":["*"],"nonResourceURLs":["/x"]}],"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]}}"""),
        ("reviews", """{"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods","namespace":"default"}}}"""),
        ("things", """{"apiVersion":"test.example.org/v1","kind":"Thing","metadata":{"name":"a","finalizers":["example.org/f"],"ownerReferences":[{"apiVersion":"v1","kind":"ConfigMap","name":"a","uid":"u"}]},"spec":{"size":2,"text":"t","tags":["x","y"]},"status":{"phase":"p"}}"""),
        ("customresourcedefinitions", """{"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"odds.test.example.org"},"spec":{"group":"test.example.org","scope":"Namespaced","names":{"kind":"Odd","plural":"odds"},"versions":[{"name":"v1","served":true,"storage":true,"subresources":{"status":{},"scale":{"specReplicasPath":".spec.n","statusReplicasPath":".status.n"}},"additionalPrinterColumns":[{"name":"N","type":"integer","jsonPath":".spec.n"}],"selectableFields":[{"jsonPath":".spec.n"}],"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object","x-kubernetes-validations":[{"rule":"self.n > 0"}],"properties":{"n":{"type":"integer","default":1,"minimum":0},"s":{"type":"string","pattern":"^a+$","enum":["a"]},"l":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["k"],"items":{"type":"object","required":["k"],"properties":{"k":{"type":"string"}}}}}}}}}}]}}"""),
    ];

    private static readonly string[] s_patches =
    [
        """{"metadata":{"labels":{"x":"y"},"annotations":{"a":null}},"spec":{"size":5},"data":{"k":null}}""",
        """[{"op":"add","path":"/metadata/labels/x","value":"y"},{"op":"remove","path":"/data/k"},{"op":"test","path":"/kind","value":"ConfigMap"},{"op":"move","from":"/spec","path":"/data"},{"op":"copy","from":"/metadata","path":"/metadata/annotations"},{"op":"replace","path":"/spec/tags/0","value":1}]""",
        """{"spec":{"$patch":"replace","template":{"spec":{"containers":[{"name":"c","$patch":"delete"},{"name":"d","image":"i"}],"$setElementOrder/containers":[{"name":"d"}]}}},"metadata":{"$deleteFromPrimitiveList/finalizers":["example.org/f"]}}""",
        """{"$retainKeys":["type"],"spec":{"ports":[{"port":80,"protocol":"TCP"}],"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""",
        """{"metadata":{"managedFields":[{}],"finalizers":[],"resourceVersion":"1","uid":"x","deletionTimestamp":"2024-05-01T10:00:00Z"}}""",
        """{"metadata":{"managedFields":[{"manager":"m","operation":"Update","apiVersion":"v1","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:k":{},"k:{\"a\":1}":{},"v:1":{}}}}]}}""",
        """{"propagationPolicy":"Orphan","preconditions":{"uid":"x","resourceVersion":"1"},"dryRun":["All"]}""",
        """{"apiVersion":"autoscaling/v1","kind":"Scale","metadata":{"name":"a"},"spec":{"replicas":3}}""",
    ];

    private static readonly string[] s_texts =
    [
        "", "x", "*", "a/b", "-1", "null", "2024-05-01T10:00:00Z", "\u0000", "é\uFFFD", "../..", "50%", "1e999", "self.x", "((", "[a-", "$ref", "f:x", "k:{}", "default", "v1", "Thing", "a.b.c/d",
    ];

    public byte[] Next(string type, string path)
    {
        if (random.Next(60) == 0)
        {
            return Odd();
        }

        var patch = type.Contains("patch", StringComparison.Ordinal) && type != "application/apply-patch+yaml";
        var matching = s_objects.Where(known => path.Contains("/" + known.Path, StringComparison.Ordinal)).Select(known => known.Body).DefaultIfEmpty(Pick(s_objects).Body).Last();
        var node = JsonNode.Parse(patch && random.Next(3) > 0 ? Pick(s_patches) : random.Next(10) == 0 ? Pick(s_objects).Body : matching);
        if (random.Next(3) == 0 && node is JsonObject given && given["metadata"] is JsonObject metadata)
        {
            metadata["name"] = Pick(["a", "b", "c", "d", "e"]);
        }

        for (var changes = random.Next(4); changes > 0; changes--)
        {
            node = Change(node, 0);
        }

        var body = type.Contains("protobuf", StringComparison.Ordinal) ? Protobuf() : Encoding.UTF8.GetBytes(Write(node, type));
        return random.Next(8) == 0 ? Damage(body) : body;
    }

    private string Write(JsonNode? node, string type)
    {
        var text = node?.ToJsonString() ?? "null";
        return type.Contains("yaml", StringComparison.Ordinal) && random.Next(2) == 0 ? "# yaml\n" + text.Replace("\":", "\": ", StringComparison.Ordinal) : text;
    }

    private JsonNode? Change(JsonNode? node, int depth)
    {
        if (depth > 12 || random.Next(6) == 0)
        {
            return Value(0);
        }

        switch (node)
        {
            case JsonObject { Count: > 0 } fields:
                var (name, value) = fields.ElementAt(random.Next(fields.Count));
                switch (random.Next(8))
                {
                    case 0:
                        fields.Remove(name);
                        break;
                    case 1:
                        fields[Pick(s_texts)] = Value(0);
                        break;
                    default:
                        fields.Remove(name);
                        fields[name] = Change(value, depth + 1);
                        break;
                }

                return fields;
            case JsonArray { Count: > 0 } items:
                var index = random.Next(items.Count);
                var item = items[index];
                items.RemoveAt(index);
                items.Insert(index, Change(item, depth + 1));
                if (random.Next(4) == 0)
                {
                    items.Add(items[index]?.DeepClone());
                }

                return items;
            default:
                return Value(0);
        }
    }

    private JsonNode? Value(int depth) => random.Next(depth > 3 ? 7 : 9) switch
    {
        0 => null,
        1 => random.Next(2) == 0,
        2 => random.Next(-5, 100),
        3 => Pick<long>([long.MaxValue, long.MinValue, 1L << 53, int.MaxValue + 1L]),
        4 => Pick([1.5, -0.0, 1e300, 0.1]),
        5 or 6 => Pick(s_texts),
        7 => new JsonArray(Value(depth + 1), Value(depth + 1)),
        _ => new JsonObject { [Pick(s_texts)] = Value(depth + 1) },
    };

    private byte[] Protobuf()
    {
        var raw = new byte[random.Next(40)];
        random.NextBytes(raw);
        var (kind, version) = Pick([("ConfigMap", "v1"), ("Secret", "v1"), ("Namespace", "v1"), ("Deployment", "apps/v1"), ("SelfSubjectAccessReview", "authorization.k8s.io/v1"), ("Odd", "v1")]);
        return random.Next(2) == 0
            ? WireBytes.Body(version, kind, WireBytes.Message(1, WireBytes.Text(1, "a")), WireBytes.Message(2, WireBytes.Text(1, "k"), WireBytes.Text(2, "v")))
            : WireBytes.Body(version, kind, WireBytes.Message(1, WireBytes.Text(1, "a")), raw);
    }

    private byte[] Damage(byte[] body)
    {
        var bytes = body.ToList();
        for (var changes = 1 + random.Next(3); changes > 0 && bytes.Count > 0; changes--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(bytes.Count - at, 1 + random.Next(20)));
                    break;
                case 2:
                    bytes.Insert(at, (byte)random.Next(256));
                    break;
                default:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(bytes.Count - at, 30)));
                    break;
            }
        }

        return [.. bytes];
    }

    private byte[] Odd() => random.Next(8) switch
    {
        0 => [],
        1 => Encoding.UTF8.GetBytes(new string('[', 10_000)),
        2 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 2_000))),
        3 => [0xEF, 0xBB, 0xBF, (byte)'{', (byte)'}'],
        4 => [0xFF, 0xFE, 0x00, 0x7B],
        5 => Encoding.UTF8.GetBytes("a: &a [x,x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\nd: [*c,*c,*c,*c]\n---\n- more\n"),
        6 => Encoding.UTF8.GetBytes("%YAML 1.1\n--- !!python/object:x\n? [a]\n: b\n<<: *nosuch\n"),
        _ => Encoding.UTF8.GetBytes(new string('9', 5_000)),
    };

    private T Pick<T>(T[] items) => items[random.Next(items.Length)];
}
