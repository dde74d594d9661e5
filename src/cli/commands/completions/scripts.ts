/** What each shell is told: to ask `rowmill` itself, which knows its own options and the columns of the input. */

/**
 * Every script hands over what stands before and behind the cursor, and gets a line that says what the words are, then the
 * words.
 */
const ASK = "completions candidates --";

const BASH = `# rowmill completions bash: put this into ~/.bashrc:  eval "$(rowmill completions bash)"
_rowmill() {
  local lines
  mapfile -t lines < <("\${COMP_WORDS[0]}" ${ASK} bash "\${COMP_LINE:0:COMP_POINT}" "\${COMP_LINE:COMP_POINT}" 2>/dev/null)
  COMPREPLY=("\${lines[@]:1}")
  [[ \${lines[0]} == *files* ]] || compopt +o default +o bashdefault 2>/dev/null
  [[ \${lines[0]} == *open* ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o bashdefault -o default -F _rowmill rowmill
`;

const ZSH = `#compdef rowmill
# rowmill completions zsh: put this into ~/.zshrc, behind compinit:  eval "$(rowmill completions zsh)"
_rowmill() {
  local -a lines
  # Not LBUFFER: that has lost the quote that is open.
  local left="\${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX"
  local right="$SUFFIX$ISUFFIX$QISUFFIX \${(j: :)words[CURRENT+1,-1]}"
  compset -S '*'
  lines=("\${(@f)$(rowmill ${ASK} zsh "$left" "$right" 2>/dev/null)}")
  if [[ $lines[1] == *open* ]]; then
    (( $#lines > 1 )) && compadd -S '' -- "\${(@)lines[2,-1]}"
  else
    (( $#lines > 1 )) && compadd -- "\${(@)lines[2,-1]}"
  fi
  [[ $lines[1] == *files* ]] && _files
}
compdef _rowmill rowmill
`;

const FISH = `# rowmill completions fish: rowmill completions fish > ~/.config/fish/completions/rowmill.fish
function __rowmill
    set -l left (commandline -cp | string collect)
    set -l right (string sub -s (math (string length -- "$left") + 1) -- (commandline -p | string collect) | string collect)
    set -l lines (rowmill ${ASK} fish "$left" "$right" 2>/dev/null)
    string match -q '*files*' -- "$lines[1]"; and __fish_complete_path (commandline -ct)
    test (count $lines) -gt 1; and printf '%s\\n' $lines[2..-1]
end
complete -c rowmill -f -a '(__rowmill)'
`;

const POWERSHELL = `# rowmill completions powershell: put this into $PROFILE:
#   rowmill completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName rowmill -ScriptBlock {
    param($word, $ast, $cursor)
    $line = $ast.ToString()
    $at = [Math]::Min($cursor - $ast.Extent.StartOffset, $line.Length)
    $left = $line.Substring(0, $at).PadRight($cursor - $ast.Extent.StartOffset)
    $lines = @(& rowmill ${ASK} powershell $left $line.Substring($at) 2>$null)
    $lines | Select-Object -Skip 1 | ForEach-Object {
        [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
    }
}
`;

export const SCRIPTS: Readonly<Record<string, string>> = { bash: BASH, zsh: ZSH, fish: FISH, powershell: POWERSHELL };
