# What `module` does on this small machine: it puts a piece of software on the path, or says that there is none.
module() {
  case "${1:-}" in
    load)
      shift
      local name folder
      for name in "$@"; do
        folder="$SOFTWARE_ROOT/${name/\//-}/bin"
        if [ "$name" = "${name%/*}" ] || [ ! -d "$folder" ]; then
          echo "module: cannot load \"$name\": there is no such module; \"module avail\" lists what there is" >&2
          return 1
        fi
        PATH="$folder:$PATH"
      done
      export PATH
      ;;
    purge) PATH=/usr/bin:/bin ;;
    avail) echo 'tokeniser/1.4' >&2 ;;
    *)
      echo 'module: knows load, purge and avail' >&2
      return 1
      ;;
  esac
}
