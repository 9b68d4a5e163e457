using Portal.ApiServer.Schemas;
using Portal.ApiServer.Schemas.Cel;

namespace Portal.Tests.ApiServer.Schemas.Cel;

public sealed class CelProgramTests
{
    private static readonly StructuralSchema s_schema = StructuralSchema.Parse((JsonObject)JsonNode.Parse(
        """
        {"type":"object","properties":{
          "n":{"type":"integer"}, "r":{"type":"number"}, "s":{"type":"string"}, "b":{"type":"boolean"},
          "names":{"type":"array","items":{"type":"string"}},
          "tags":{"type":"array","x-kubernetes-list-type":"set","items":{"type":"string"}},
          "ports":{"type":"array","x-kubernetes-list-type":"map","x-kubernetes-list-map-keys":["name"],
            "items":{"type":"object","properties":{"name":{"type":"string"},"port":{"type":"integer"}}}},
          "labels":{"type":"object","additionalProperties":{"type":"string"}},
          "either":{"x-kubernetes-int-or-string":true},
          "ttl":{"type":"string","format":"duration"}, "at":{"type":"string","format":"date-time"},
          "data":{"type":"string","format":"byte"}, "a-b.c/d__e":{"type":"integer"}, "namespace":{"type":"string"},
          "absent":{"type":"string"}, "none":{"type":"string","nullable":true}}}
        """)!);

    private static readonly JsonObject s_self = (JsonObject)JsonNode.Parse(
        """
        {"n":7,"r":2,"s":"Hello wörld","b":true,"names":["n1","n2","n2"],"tags":["x","y"],"ports":[{"name":"http","port":80},{"name":"tls","port":443}],
         "labels":{"app":"web","a.b":"c"},"either":"50%","ttl":"1h30m","at":"2024-05-01T10:00:00Z","data":"aGk=","a-b.c/d__e":5,"namespace":"ns","none":null}
        """)!;

    [Theory]
    [InlineData("self.n == 7 && self.r == 2.0 && self.b")]
    [InlineData("self.n + 3 * 2 - 1 == 12 && -self.n == -7 && self.n / 2 == 3 && self.n % 4 == 3")]
    [InlineData("self.n < 7.5 && self.n > 6u && 1.0 <= self.r")]
    [InlineData("0x10 == 16 && 1e3 == 1000.0 && .5 < 1 && 5u > 4u && -9223372036854775808 < 0")]
    [InlineData("'a' + \"b\" == 'ab' && r'\\d' == '\\\\d' && '''a\nb''' == 'a\\nb' && '\\u00e9\\x41\\101' == 'éAA' && b'hi' == self.data")]
    [InlineData("has(self.s) && !has(self.absent) && !has(self.none) && self.none == null && has(self.labels.app) && !has(self.labels.zone)")]
    [InlineData("size(self.s) == 11 && self.s.size() == 11 && self.names.size() == 3 && size(self.labels) == 2")]
    [InlineData("self.s.startsWith('He') && self.s.endsWith('rld') && self.s.contains('wö') && self.s.matches('^H.*d$') && matches(self.s, 'w.r')")]
    [InlineData("self.s.lowerAscii() == 'hello wörld' && self.s.upperAscii() == 'HELLO WöRLD' && ' a '.trim() == 'a'")]
    [InlineData("'a,b,c'.split(',') == ['a','b','c'] && 'a,b,c'.split(',', 2) == ['a','b,c'] && ['a','b'].join('-') == 'a-b' && 'ab'.split('') == ['a','b']")]
    [InlineData("'aaa'.replace('a', 'b') == 'bbb' && 'aaa'.replace('a', 'b', 2) == 'bba' && 'wörld'.substring(1, 3) == 'ör' && 'abc'.charAt(1) == 'b'")]
    [InlineData("'wörld'.indexOf('r') == 2 && 'abab'.lastIndexOf('b') == 3 && 'x'.indexOf('y') == -1")]
    [InlineData("'%s is %d, %.2f, %x'.format(['a', 1, 1.5, 255]) == 'a is 1, 1.50, ff'")]
    [InlineData("self.names.all(x, x.startsWith('n')) && self.names.exists(x, x == 'n2') && self.names.exists_one(x, x == 'n1') && !self.names.exists_one(x, x == 'n2')")]
    [InlineData("self.names.map(x, x + '!') == ['n1!','n2!','n2!'] && self.names.filter(x, x == 'n2').size() == 2 && self.names.map(x, x == 'n1', size(x)) == [2]")]
    [InlineData("self.labels.all(k, self.labels[k] != '') && self.labels.exists(k, v, v == 'web') && self.names.all(i, x, x == self.names[i])")]
    [InlineData("'n1' in self.names && !('z' in self.names) && 'app' in self.labels && 2 in [1, 2] && !(3 in {1: 'a'})")]
    [InlineData("self.ports.exists(p, p.name == 'tls' && p.port == 443) && self.ports[0].port == 80 && self.ports.map(p, p.port).sum() == 523")]
    [InlineData("self.n > 5 ? self.b : false")]
    [InlineData("{'a': 1, 'b': 2}['b'] == 2 && {'a': 1}.a == 1 && [1, 2] + [3] == [1, 2, 3] && {'a': [1]} == {'a': [1]}")]
    [InlineData("self.tags == ['y', 'x'] || self.tags + ['y', 'z'] == self.tags + ['z']")]
    [InlineData("self.ttl == duration('90m') && self.ttl > duration('1h') && self.ttl.getMinutes() == 90 && string(self.ttl) == '5400s'")]
    [InlineData("self.at < timestamp('2024-05-01T10:00:01Z') && self.at + self.ttl == timestamp('2024-05-01T11:30:00Z') && self.at.getFullYear() == 2024 && self.at.getMonth() == 4")]
    [InlineData("self.at - timestamp('2024-05-01T09:00:00Z') == duration('1h') && self.at.getHours('+02:00') == 12 && self.at.getDayOfWeek() == 3")]
    [InlineData("int('5') == 5 && string(5) == '5' && double(5) == 5.0 && uint(5) == 5u && int(2.9) == 2 && bool('true') && string(1.5) == '1.5'")]
    [InlineData("type(self.n) == int && type(self.either) == string && self.either == '50%'")]
    [InlineData("self.a__dash__b__dot__c__slash__d__underscores__e == 5 && self.__namespace__ == 'ns' && self.`a-b.c/d__e` == 5")]
    [InlineData("self.absent == 'x' || true")]
    [InlineData("true || self.names[9] == ''")]
    [InlineData("!(self.names[9] == '' && false)")]
    [InlineData("self.?absent.orValue('d') == 'd' && self.?s.hasValue() && !optional.none().hasValue() && optional.of(1).value() == 1 && self.names[?9].orValue('z') == 'z'")]
    [InlineData("[1, 2, 2].isSorted() && [3, 1].max() == 3 && ['b', 'a'].min() == 'a' && [1, 2, 1].distinct() == [1, 2] && [1, 2].indexOf(2) == 1")]
    [InlineData("sets.contains([1, 2, 3], [2]) && sets.equivalent([1, 2], [2, 1, 1]) && sets.intersects([1], [1, 2])")]
    [InlineData("cel.bind(x, self.n + 1, x * x == 64) // and a comment")]
    [InlineData("isURL('https://a/b') && !isURL('/a') && isIP('10.0.0.1') && isIP('::1') && !isIP('10.1') && isCIDR('10.0.0.0/8')")]
    public void Evaluate_OfATrueExpression_IsTrue(string expression) => Assert.Equal(true, Evaluate(expression));

    [Theory]
    [InlineData("self.absent == 'x'", "no such key: absent")]
    [InlineData("self.names[3] == 'x'", "index out of bounds: 3")]
    [InlineData("self.labels['zone'] == 'x'", "no such key: zone")]
    [InlineData("self.n / 0 == 1", "division by zero")]
    [InlineData("self.n % 0 == 1", "division by zero")]
    [InlineData("9223372036854775807 + self.n > 0", "integer overflow")]
    [InlineData("-9223372036854775808 / -1 > 0", "integer overflow")]
    [InlineData("self.either + 1 == 2", "no such overload")]
    [InlineData("int('x') == 1", "type conversion error")]
    [InlineData("self.names.all(x, self.names[9] == x)", "index out of bounds")]
    [InlineData("self.s.matches('(')", "error parsing regexp")]
    [InlineData("duration('1 fortnight') > duration('1s')", "type conversion error")]
    [InlineData("{'a': 1, 'a': 2}.size() == 1", "repeated key")]
    [InlineData("timestamp('9999-12-31T23:59:59Z') + duration('1000h') > timestamp(0)", "timestamp overflow")]
    public void Evaluate_WithoutAValue_SaysWhy(string expression, string message) =>
        Assert.Contains(message, Assert.Throws<CelEvaluationException>(() => Evaluate(expression)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("self.nosuch == 1", "undefined field 'nosuch'")]
    [InlineData("other == 1", "undeclared reference to 'other'")]
    [InlineData("self.n.nosuch() == 1", "undeclared reference to 'nosuch'")]
    [InlineData("self.n == 'x'", "found no matching overload for '_==_' applied to '(int, string)'")]
    [InlineData("self.n.startsWith('x')", "found no matching overload for 'startsWith' applied to 'int.(string)'")]
    [InlineData("self.n && true", "expected type 'bool' but found 'int'")]
    [InlineData("self.n", "must evaluate to bool")]
    [InlineData("self.n.all(x, true)", "cannot be range of a comprehension")]
    [InlineData("self.names.all(x, 1)", "expected type 'bool'")]
    [InlineData("self.names.all(1, true)", "macro 'all'")]
    [InlineData("self.n ==", "Syntax error")]
    [InlineData("(self.b", "expecting ')'")]
    [InlineData("self.b # x", "token recognition error")]
    [InlineData("'open", "not closed")]
    [InlineData("'\\q' == ''", "escape")]
    [InlineData("has(self)", "has()")]
    [InlineData("self.namespace == 'x'", "undefined field 'namespace'")]
    [InlineData("package == 1", "reserved identifier")]
    [InlineData("9223372036854775808 > 1", "invalid int literal")]
    [InlineData("", "Syntax error")]
    [InlineData("'a' in [1]", "found no matching overload for '@in'")]
    public void Compile_OfAWrongExpression_SaysWhatIsWrong(string expression, string message) =>
        Assert.Contains(message, Assert.Throws<CelCompileException>(() => Evaluate(expression)).Message, StringComparison.Ordinal);

    [Fact]
    public void Compile_Error_NamesLineAndColumn() =>
        Assert.Equal(
            "ERROR: <input>:2:8: undefined field 'nosuch'",
            Assert.Throws<CelCompileException>(() => Evaluate("self.b\n&& self.nosuch")).Message);

    public static TheoryData<string> Hostile => new()
    {
        new string('(', 50_000) + "true",
        new string('!', 50_000) + "true",
        new string('-', 50_000) + "1 == 1",
        string.Concat(Enumerable.Repeat("[", 50_000)),
        string.Concat(Enumerable.Repeat("1+", 40_000)) + "1 == 1",
        "self" + string.Concat(Enumerable.Repeat(".s", 40_000)),
        string.Concat(Enumerable.Repeat("true ? ", 10_000)),
        new string('x', 200_000),
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Compile_OfAHugeOrDeepExpression_IsRefused(string expression) => Assert.Throws<CelCompileException>(() => Evaluate(expression));

    [Fact]
    public void Compile_OfALongChainOfConditions_Works() =>
        Assert.Equal(true, Evaluate(string.Join(" && ", Enumerable.Repeat("self.b", 5_000))));

    [Theory]
    [InlineData("L.all(a, L.all(b, L.all(c, L.all(d, a + b + c + d >= 0))))")]
    [InlineData("L.map(a, L.map(b, L.map(c, L))).size() > 0")]
    [InlineData("cel.bind(a, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', L.map(x, L.map(y, a + a + a + a + a + a)).size() > 0) && L.all(x, L.all(y, L.all(z, 'a' != 'b')))")]
    [InlineData("L.all(a, L.all(b, L.exists(c, [][0] == 1)))")]
    [InlineData("L.all(a, L.all(b, 'x'.matches('(((a{1,100}){1,100}){1,100})' + string(a))))")]
    public void Evaluate_OfARunaway_StopsAtItsBudget(string expression)
    {
        var list = string.Join(",", Enumerable.Range(0, 200));
        var program = CelProgram.Compile(
            expression.Replace("L", $"[{list}]", StringComparison.Ordinal), new Dictionary<string, CelType>(), CelType.Bool);
        var problem = Record.Exception(() => program.Evaluate(new CelBudget(CelBudget.PerRule)));
        Assert.True(problem is CelBudgetException or CelEvaluationException, problem?.ToString() ?? "it ended");
    }

    private static object? Evaluate(string expression)
    {
        var type = CelType.Of(s_schema)!;
        var program = CelProgram.Compile(expression, new Dictionary<string, CelType> { ["self"] = type }, CelType.Bool);
        return program.Evaluate(new CelBudget(CelBudget.PerRule), ("self", CelValue.From(s_self, type)));
    }
}
